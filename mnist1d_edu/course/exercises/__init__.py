"""The exercises: a folder for each lesson, in it a file for each exercise."""
