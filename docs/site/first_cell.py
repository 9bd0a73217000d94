"""What each notebook runs first when it becomes a page: widgets show what they can without a browser."""

import ipywidgets


def _repr_mimebundle_(self, **options):
    """HTML widgets show their HTML; of others, name and sliders are told: build.py finds a picture."""
    parts = [self] if isinstance(self, ipywidgets.HTML) else getattr(self, "children", ())
    if (
        parts
        and type(self) is not ipywidgets.VBox
        and all(isinstance(part, ipywidgets.HTML) for part in parts)
    ):
        return {"text/plain": type(self).__name__, "text/html": "".join(part.value for part in parts)}
    controls = [
        f"{part.description} = {part.value}" for part in parts if hasattr(part, "value") and part.description
    ]
    return {
        "text/plain": "|".join([type(self).__name__, ", ".join(controls)]),
        "application/vnd.jupyter.widget-view+json": {},
    }


ipywidgets.Widget._repr_mimebundle_ = _repr_mimebundle_
