"""The explorer: `mnist1d-edu explore` opens a page with a slider for each of the generator's
arguments.

`controls.py` has the sliders and checks what they send, `answers.py` computes what the page asks
for, `server.py` serves `page.html` to this machine alone. Lesson 01.
"""
