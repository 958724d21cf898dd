"""Right answers with one slip in them: another axis, a sign, a name, a line left out.

An answer that behaves like one of them on every probe is told the slip in words. The slips are
made in the syntax trees of an exercise's reference and variants (and of its mistakes, for two
mistakes at once), compiled once in a process and kept. `SLIPS` bounds their number, so that a
check stays quick; an answer that goes its own way is not found here, and need not be.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

SLIPS = 300


@dataclass(frozen=True)
class Slip:
    """An answer with one edit. words: "a sign is turned"; at_first: the mistake edited, if any."""

    words: str
    at_first: str
    answer: object
    may_loop: bool


_kept: dict[str, list[Slip]] = {}
_unmade: dict[str, Iterator[Slip]] = {}


def slips(exercise) -> Iterator[Slip]:
    """The slips of an exercise, those of its reference first; compiled as they are asked for."""
    name = exercise.name
    if name not in _kept:
        _kept[name], _unmade[name] = [], islice(_all_slips(exercise), SLIPS)
    yield from _kept[name]
    for slip in _unmade[name]:
        _kept[name].append(slip)
        yield slip


def _all_slips(exercise) -> Iterator[Slip]:
    """Of the reference first; what another name is put for comes last, for there are so many."""
    right = [exercise.reference, *(a for _, a in exercise.variants)]
    known = _known_names(exercise)
    for sentence, answer, names in [*(("", a, False) for a in right), ("", right[0], True),
                                    *((s, a, False) for s, a in exercise.mistakes)]:
        may_loop = _may_loop(answer)
        yield from (Slip(words, sentence, edited, may_loop)
                    for words, edited in edited_answers(answer, names, known))


def _known_names(exercise) -> set[str]:
    """The names that a student knows: the arguments that the exercise names. Those of a variant's
    locals and helpers mean nothing to her."""
    node = _node(exercise.reference) if _named(exercise.reference) else None
    methods = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef)] if isinstance(
        node, ast.ClassDef) else [node] if node else []
    found = {a.arg for n in methods for a in n.args.args}
    return (found | set(exercise.argument_names())) - {"self"}


def _may_loop(answer) -> bool:
    """Whether there is a loop in it, or in what it calls: with a slip, even a `for` may run on for
    ever, over a list to which it appends."""
    nodes = [_node(function) for function in _family(answer)] if _named(answer) else []
    return any(isinstance(n, (ast.While, ast.For))
               for node in nodes if node for n in ast.walk(node))


def edited_answers(answer, names: bool, known: set[str]) -> Iterator[tuple[str, object]]:
    """(words, answer with that slip), for a function or class whose source is at hand: with a name
    put for another, or with anything else. The words speak of the names in `known` alone."""
    if not callable(answer) or not _named(answer):
        return
    functions = _family(answer)
    seen = set()
    for function in functions:
        node = _node(function)
        if node is None:
            continue
        for words, put, undo in _edits(node, names, known):
            put()
            try:
                made = _rebuilt(answer, functions, function, node)
            except (SyntaxError, ValueError, TypeError, NameError, AttributeError, LookupError):
                made = None
            finally:
                undo()
            key = _code_key(made, function.__name__)
            if made is not None and key not in seen:
                seen.add(key)
                yield words, made


def _named(answer) -> bool:
    return isinstance(answer, (types.FunctionType, type))


def _family(answer) -> list:
    """The answer and the functions of its own module that it calls, directly or not."""
    found = [answer]
    for function in found:
        names = _names_used(function)
        scope = _globals(answer)
        for name in names:
            other = scope.get(name)
            if isinstance(other, types.FunctionType) and other not in found \
                    and other.__module__.startswith("mnist1d_edu.course."):
                found.append(other)
    return found[:6]


def _names_used(function) -> list[str]:
    if isinstance(function, type):
        node = _node(function)
        return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)] if node else []
    return _names_in(function.__code__)


def _names_in(code) -> list[str]:
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return [*code.co_names, *(name for c in inner for name in _names_in(c))]


def _globals(answer) -> dict:
    if isinstance(answer, type):
        return vars(inspect.getmodule(answer))
    return answer.__globals__


@cache
def _definitions(file: str) -> list[ast.AST]:
    """All functions, lambdas and classes of a file."""
    with open(file, encoding="utf-8") as stream:
        tree = ast.parse(stream.read())
    return [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.Lambda, ast.ClassDef))]


@cache
def _node(function) -> ast.AST | None:
    """The syntax tree of a function, lambda or class; None where there is no source."""
    try:
        definitions = _definitions(inspect.getsourcefile(function))
    except (OSError, TypeError, SyntaxError):
        return None
    if isinstance(function, type):
        return next((n for n in definitions if isinstance(n, ast.ClassDef)
                     and n.name == function.__name__), None)
    code = function.__code__
    wanted = [n for n in definitions
              if isinstance(n, (ast.FunctionDef, ast.Lambda)) and _first_line(n) ==
              code.co_firstlineno and len(n.args.args) == code.co_argcount
              and (isinstance(n, ast.Lambda)) == (code.co_name == "<lambda>")]
    if len(wanted) > 1:
        wanted = [n for n in wanted if _compiled(n).co_code == code.co_code]
    return wanted[0] if wanted else None


def _first_line(node) -> int:
    decorators = getattr(node, "decorator_list", [])
    return decorators[0].lineno if decorators else node.lineno


def _compiled(node) -> types.CodeType:
    if isinstance(node, ast.Lambda):
        module = compile(ast.Expression(node), "<slip>", "eval")
    else:
        decorators, node.decorator_list = node.decorator_list, []
        try:
            module = compile(ast.Module([node], []), "<slip>", "exec")
        finally:
            node.decorator_list = decorators
    if isinstance(node, ast.ClassDef):
        return module
    return next(c for c in module.co_consts if isinstance(c, types.CodeType))


def _rebuilt(answer, functions: list, edited, node):
    """The answer, in a scope in which `edited` is compiled from its tree as it stands now."""
    every = _globals(answer)
    scope = {name: every[name] for function in functions for name in _names_used(function)
             if name in every}
    scope |= {"__builtins__": every["__builtins__"], "__name__": every["__name__"]}
    for function in functions:
        if isinstance(function, types.FunctionType):
            _closed_over(function, scope)
    for function in functions:
        if function is not edited and isinstance(function, types.FunctionType):
            scope[function.__name__] = _function(function.__code__, function, scope)
    code = _compiled(node)
    if isinstance(edited, type):
        exec(code, scope)
        return scope[edited.__name__]
    new = _function(code, edited, scope)
    scope[edited.__name__] = new
    if edited is answer:
        return new
    if isinstance(answer, type):
        exec(_compiled(_node(answer)), scope)
        return scope[answer.__name__]
    return _function(answer.__code__, answer, scope)


def _closed_over(function, scope: dict) -> None:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        scope[name] = cell.cell_contents


def _function(code, like, scope: dict) -> types.FunctionType:
    closure = like.__closure__ if code.co_freevars else None
    made = types.FunctionType(code, scope, like.__name__, like.__defaults__, closure)
    made.__kwdefaults__ = like.__kwdefaults__
    return made


def _code_key(made, name: str):
    code = getattr(made, "__code__", None)
    if code is None or code.co_name not in (name, "<lambda>"):
        return object()
    return (code.co_code, repr(code.co_consts), code.co_names, code.co_varnames)


# ---- the edits

def _edits(root: ast.AST, exchanged: bool,
           known: set[str]) -> Iterator[tuple[str, Callable, Callable]]:
    """(words, put, undo) for each place in the tree."""
    given = {a.arg for n in ast.walk(root) if isinstance(n, (ast.FunctionDef, ast.Lambda))
             for a in n.args.args} - {"self"}
    names, arguments = _local_names(root) | given, given & known
    texts = {n.value for n in ast.walk(root) if isinstance(n, ast.Constant)
             and isinstance(n.value, str) and len(n.value) < 30}
    for node in _walk(root):
        if not exchanged and isinstance(node, (ast.FunctionDef, ast.For, ast.If, ast.While)):
            yield from _edits_of_lines(node, arguments | texts)
        for holder, key, child in _children(node):
            made = _exchanged(child, names, arguments) if exchanged else _edits_of(
                child, texts, arguments)
            for words, new in made:
                yield (words, *_exchange(holder, key, child, new))


def _walk(root: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those of annotations, decorators and docstrings."""
    yield root
    for name, value in ast.iter_fields(root):
        if name in ("decorator_list", "annotation", "returns", "bases", "keywords_of_class"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)


def _children(node: ast.AST) -> Iterator[tuple]:
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "annotation", "returns", "bases"):
            continue
        if isinstance(value, list):
            yield from ((value, i, v) for i, v in enumerate(value) if isinstance(v, ast.AST))
        elif isinstance(value, ast.AST):
            yield node, name, value


def _exchange(holder, key, old, new) -> tuple[Callable, Callable]:
    ast.fix_missing_locations(ast.copy_location(new, old))

    def set_to(value):
        if isinstance(holder, list):
            holder[key] = value
        else:
            setattr(holder, key, value)

    return lambda: set_to(new), lambda: set_to(old)


def _local_names(root: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(root) if isinstance(n, ast.Name)
            and isinstance(n.ctx, ast.Store)}


def _edits_of_lines(node, known: set[str]) -> Iterator[tuple[str, Callable, Callable]]:
    body = node.body
    for i, line in enumerate(body):
        if isinstance(line, (ast.Assign, ast.AugAssign, ast.If, ast.For)) or (
                isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)):
            words = "a case is not treated by itself" if isinstance(line, ast.If) \
                else f"a step is left out{_about(line, known)}"
            yield (words, *_exchange(body, i, line, ast.Pass()))
        if isinstance(line, ast.If) and len(line.body) == 1:
            yield ("a condition is left out", *_exchange(body, i, line, line.body[0]))
        if i and isinstance(line, (ast.Assign, ast.AugAssign)) and isinstance(
                body[i - 1], (ast.Assign, ast.AugAssign)):
            yield ("two steps stand in the wrong order", *_turned(body, i))
        if isinstance(line, ast.AugAssign):
            plain = ast.Assign([line.target], line.value)
            yield ("a value is overwritten, where it is to be added up",
                   *_exchange(body, i, line, plain))
    if isinstance(node, ast.For) and len(body) >= 1:
        yield ("a loop ends after its first pass", *_ended(body))


def _about(node: ast.AST, known: set[str]) -> str:
    """": the one with `h` and 'bias'", the arguments and keys that a piece of code speaks of."""
    said = []
    for n in ast.walk(node):
        if isinstance(n, ast.Name) and n.id in known:
            said.append(f"`{n.id}`")
        elif isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value in known:
            said.append(repr(n.value))
    said = list(dict.fromkeys(said))[:2]
    return f": the one with {' and '.join(said)}" if said else ""


def _turned(body: list, i: int) -> tuple[Callable, Callable]:
    def turn():
        body[i - 1], body[i] = body[i], body[i - 1]
    return turn, turn


def _ended(body: list) -> tuple[Callable, Callable]:
    stop = ast.fix_missing_locations(ast.copy_location(ast.Break(), body[-1]))
    return lambda: body.append(stop), lambda: body.remove(stop)


def _edits_of(node, texts, known: set[str]) -> Iterator[tuple[str, ast.AST]]:
    """(words, the node with a slip)."""
    maker = EDITS.get(type(node).__name__)
    if maker is not None:
        yield from maker(node)
    if isinstance(node, ast.BinOp):
        yield from _of_binary(node, known)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in texts:
        for other in sorted(texts - {node.value}):
            yield f"{other!r} stands where {node.value!r} belongs", ast.Constant(other)


def _exchanged(node, names, arguments) -> Iterator[tuple[str, ast.AST]]:
    """(words, another name in place of this one); arguments first."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id not in names:
        return
    for other in sorted(names - {node.id}, key=lambda n: (n not in arguments, n)):
        if node.id in arguments:
            words = f"`{other}` stands where `{node.id}` belongs" if other in arguments \
                else f"`{node.id}` is not used where it belongs"
        else:
            words = f"`{other}` stands in the wrong place" if other in arguments \
                else "one intermediate result stands where another belongs"
        yield words, ast.Name(other, ast.Load())


def _of_binary(node: ast.BinOp, known: set[str]) -> Iterator[tuple[str, ast.AST]]:
    left, right, op = node.left, node.right, type(node.op)
    if op in (ast.Add, ast.Sub):
        other, words = (ast.Sub, "a term is subtracted where it is to be added") \
            if op is ast.Add else (ast.Add, "a term is added where it is to be subtracted")
        yield words, ast.BinOp(left, other(), right)
        yield f"a term is left out{_naming(right, known)}", left
        yield (f"a term is left out{_naming(left, known)}",
               right if op is ast.Add else ast.UnaryOp(ast.USub(), right))
        if op is ast.Sub:
            yield "a difference is taken the wrong way round", ast.BinOp(right, ast.Sub(), left)
        yield "a product stands where a sum or difference belongs", ast.BinOp(
            left, ast.Mult(), right)
    elif op in (ast.Mult, ast.Div, ast.FloorDiv):
        other, words = (ast.Div, "something is divided by, where a product belongs") \
            if op is ast.Mult else (ast.Mult, "a product stands where a quotient belongs")
        yield (f"a factor is left out{_naming(right, known)}" if op is ast.Mult
               else f"a division is left out{_naming(right, known)}"), left
        if op is ast.Mult:
            yield f"a factor is left out{_naming(left, known)}", right
        yield words, ast.BinOp(left, other(), right)
        if op is ast.Div:
            yield "a quotient is turned upside down", ast.BinOp(right, ast.Div(), left)
            yield "a quotient is cut to whole numbers", ast.BinOp(left, ast.FloorDiv(), right)
            yield "a division by a square takes the place of a plain one", ast.BinOp(
                left, ast.Div(), ast.BinOp(right, ast.Pow(), ast.Constant(2)))
        yield "a sum stands where a product or quotient belongs", ast.BinOp(left, ast.Add(), right)
        if isinstance(left, ast.BinOp) and isinstance(left.op, (ast.Add, ast.Sub)):
            yield "a bracket is missing", ast.BinOp(left.left, left.op, ast.BinOp(
                left.right, node.op, right))
        if isinstance(right, ast.BinOp) and isinstance(right.op, (ast.Mult, ast.Add, ast.Sub)):
            yield "a bracket is missing", ast.BinOp(
                ast.BinOp(left, node.op, right.left), right.op, right.right)
    elif op is ast.Pow:
        yield "a power is left out", left
        yield "a product stands where a power belongs", ast.BinOp(left, ast.Mult(), right)
    elif op is ast.MatMult:
        yield "the two sides of a product are exchanged", ast.BinOp(right, ast.MatMult(), left)
        for one, other in ((_transposed(left), right), (left, _transposed(right)),
                           (_transposed(left), _transposed(right))):
            yield "a matrix is transposed that should not be, or the reverse", ast.BinOp(
                one, ast.MatMult(), other)
            yield ("the two sides of a product are exchanged, and one is transposed",
                   ast.BinOp(other, ast.MatMult(), one))
        yield "elements are multiplied where a matrix product belongs", ast.BinOp(
            left, ast.Mult(), right)


def _naming(node: ast.AST, known: set[str]) -> str:
    """": the one with `x`", for what the exercise's text names."""
    names = list(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)
                               and n.id in known))
    return f": the one with {' and '.join(f'`{n}`' for n in names[:2])}" if names else ""


def _transposed(node: ast.AST) -> ast.AST:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _of_attribute(node: ast.Attribute) -> Iterator[tuple[str, ast.AST]]:
    if node.attr == "T":
        yield "a transpose is left out", node.value
    for group, words in ALIKE:
        for other in group:
            if node.attr in group and other != node.attr:
                yield words.format(WORD.get(other, other), WORD.get(node.attr, node.attr)), \
                    ast.Attribute(node.value, other, ast.Load())


ALIKE = tuple((group, "{} stands where {} belongs") for group in (
    ("sum", "mean", "max", "median", "min", "prod"), ("argmax", "argmin"), ("std", "var"),
    ("maximum", "minimum"), ("zeros", "ones"), ("zeros_like", "ones_like"), ("exp", "log"),
    ("floor", "ceil", "round"), ("abs", "square", "sqrt", "sign"), ("tanh", "sin", "arctan"),
    ("sin", "cos"), ("randn", "random_sample"), ("stack", "concatenate"), ("append", "insert"),
    ("random_sample", "standard_normal"), ("logical_and", "logical_or"), ("all", "any")))
WORD = {"sum": "a sum", "mean": "a mean", "max": "a maximum", "min": "a minimum",
        "prod": "a product", "std": "a standard deviation", "var": "a variance",
        "median": "a median", "argmax": "the place of the largest",
        "argmin": "the place of the smallest", "exp": "an exponential", "log": "a logarithm",
        "abs": "an absolute value", "square": "a square", "sqrt": "a square root"}


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(
        node.func, "id", "")
    if node.args and not (isinstance(node.func, ast.Attribute) and isinstance(
            node.args[0], ast.Constant)):
        yield _unwrapped(name), node.args[0]
    if isinstance(node.func, ast.Attribute) and not (
            isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "math")):
        yield _unwrapped(name), node.func.value
    if len(node.args) > 1:
        for i in range(len(node.args) - 1):
            swapped = list(node.args)
            swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
            yield "two arguments of a call are exchanged", ast.Call(
                node.func, swapped, node.keywords)
    for i, keyword in enumerate(node.keywords):
        rest = node.keywords[:i] + node.keywords[i + 1:]
        if keyword.arg:
            yield f"`{keyword.arg}` is left out of a call", ast.Call(node.func, node.args, rest)
    for names, keyword, value, words in ADDED:
        if name in names and not any(k.arg == keyword for k in node.keywords):
            yield words, ast.Call(node.func, node.args, [
                *node.keywords, ast.keyword(keyword, ast.Constant(value))])
    if name == "range":
        yield from _of_range(node)
    if name in ("sum", "mean", "max", "min", "std", "var", "argmax", "argmin"):
        kept = [k for k in node.keywords if k.arg != "axis"]
        for axis in (0, 1, 2):
            yield "an axis is the wrong one", ast.Call(node.func, node.args, [
                *kept, ast.keyword("axis", ast.Constant(axis))])


ADDED = (
    (("std", "var", "cov"), "ddof", 1, "squares are divided by n - 1 where n is wanted"),
    (("linspace",), "endpoint", False, "the last place is left out"),
    (("sum", "mean", "max", "min"), "keepdims", True, "an axis is kept that should go"),
)


def _unwrapped(name: str) -> str:
    said = {"maximum": "a maximum with 0", "tanh": "a tanh", "int": "the cut to a whole number",
            "float": "a conversion", "reversed": "a reversal", "sum": "a sum", "mean": "a mean",
            "astype": "a conversion", "copy": "a copy", "roll": "a shift", "pad": "the padding",
            "abs": "an absolute value", "sqrt": "a square root", "exp": "an exponential",
            "log": "a logarithm"}.get(name.strip("_"))
    return f"{said} is left out" if said else "a step is left out"


def _of_range(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    one = ast.Constant(1)
    start, stop = (ast.Constant(0), node.args[0]) if len(node.args) == 1 else node.args[:2]
    step = node.args[2:]
    for words, first, last in (
            ("a loop begins one too late", ast.BinOp(start, ast.Add(), one), stop),
            ("a loop ends one too early", start, ast.BinOp(stop, ast.Sub(), one)),
            ("a loop goes one too far", start, ast.BinOp(stop, ast.Add(), one))):
        yield words, ast.Call(node.func, [first, last, *step], [])
    if step:
        yield "a loop goes on by 1 where it is to go on by more", ast.Call(
            node.func, [start, stop], [])
    elif len(node.args) == 1:
        yield "a loop runs backwards", ast.Call(ast.Name("reversed", ast.Load()), [node], [])


def _of_constant(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    value = node.value
    if isinstance(value, bool):
        yield f"something is {not value} that should be {value}", ast.Constant(not value)
    elif isinstance(value, int):
        others = [value + 1, value - 1, 0, 1, 2, 2 * value]
        yield from ((f"{_number(o)} stands where {value} belongs", ast.Constant(o))
                    for o in dict.fromkeys(others) if o != value)
    elif isinstance(value, float):
        yield from ((f"{o:g} stands where {value:g} belongs", ast.Constant(o))
                    for o in (0.0, 1.0, 2 * value, value / 2) if o != value)


def _number(value) -> str:
    return "-1" if value == -1 else f"{value:g}"


def _of_tuple(node: ast.Tuple) -> Iterator[tuple[str, ast.AST]]:
    if not isinstance(node.ctx, ast.Load) or len(node.elts) < 2:
        return
    for i in range(len(node.elts) - 1):
        swapped = list(node.elts)
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
        yield "two neighbours are exchanged", ast.Tuple(swapped, ast.Load())
    if all(isinstance(e, ast.Constant) for e in node.elts):
        for element in node.elts:
            yield "one axis is used where several are wanted", element


def _of_compare(node: ast.Compare) -> Iterator[tuple[str, ast.AST]]:
    if len(node.ops) != 1:
        return
    op = type(node.ops[0])
    for other, words in COMPARISONS.get(op, ()):
        yield words, ast.Compare(node.left, [other()], node.comparators)


EQUAL_IN = "a comparison lets equality in"
EQUAL_OUT = "a comparison leaves equality out"
OPPOSITE = "a comparison is the wrong way round"
COMPARISONS = {
    ast.Gt: ((ast.GtE, EQUAL_IN), (ast.Lt, OPPOSITE), (ast.NotEq, OPPOSITE)),
    ast.Lt: ((ast.LtE, EQUAL_IN), (ast.Gt, OPPOSITE)),
    ast.GtE: ((ast.Gt, EQUAL_OUT), (ast.Lt, OPPOSITE)),
    ast.LtE: ((ast.Lt, EQUAL_OUT), (ast.Gt, OPPOSITE)),
    ast.Eq: ((ast.NotEq, OPPOSITE),), ast.NotEq: ((ast.Eq, OPPOSITE),),
}


def _of_condition(node: ast.IfExp) -> Iterator[tuple[str, ast.AST]]:
    yield "a condition is left out", node.body
    yield "a condition is left out", node.orelse
    yield "a condition is the wrong way round", ast.IfExp(node.test, node.orelse, node.body)


def _of_slice(node: ast.Slice) -> Iterator[tuple[str, ast.AST]]:
    if node.lower is None and node.upper is not None:
        yield "a slice takes the other part", ast.Slice(node.upper, None, node.step)
    if node.upper is None and node.lower is not None:
        yield "a slice takes the other part", ast.Slice(None, node.lower, node.step)
    if node.step is not None:
        yield "the step of a slice is left out", ast.Slice(node.lower, node.upper, None)
    if node.lower is not None or node.upper is not None:
        yield "a slice is left out", ast.Slice(None, None, node.step)
    for bound, name in ((node.lower, "beginning"), (node.upper, "end")):
        if bound is not None:
            for op in (ast.Add(), ast.Sub()):
                new = ast.BinOp(bound, op, ast.Constant(1))
                yield f"the {name} of a slice is off by one", ast.Slice(
                    new if name == "beginning" else node.lower,
                    new if name == "end" else node.upper, node.step)


def _of_subscript(node: ast.Subscript) -> Iterator[tuple[str, ast.AST]]:
    if not isinstance(node.ctx, ast.Load):
        return
    if getattr(node.value, "attr", "") not in ("c_", "r_", "s_"):   # endless without an index
        yield "an index is left out", node.value
    if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        a, b = node.slice.elts
        yield "the wrong axis is indexed", ast.Subscript(
            node.value, ast.Tuple([b, a], ast.Load()), ast.Load())


def _of_unary(node: ast.UnaryOp) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.op, ast.USub):
        yield "a minus is left out", node.operand
    if isinstance(node.op, ast.Not):
        yield "a condition is the wrong way round", node.operand


EDITS = {"Attribute": _of_attribute, "Call": _of_call,
         "Constant": _of_constant, "Tuple": _of_tuple, "Compare": _of_compare,
         "IfExp": _of_condition, "Slice": _of_slice, "Subscript": _of_subscript,
         "UnaryOp": _of_unary}
