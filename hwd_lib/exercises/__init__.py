"""The exercises of the course, one module a notebook: references, cases, and the mistakes that are known."""
