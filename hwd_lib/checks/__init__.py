"""The machinery that judges answers and remembers what is solved; `hwd_lib.exercises` has the content."""
