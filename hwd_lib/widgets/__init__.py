"""What learners and visitors touch: the sheet, the app and the panels of the notebooks, as widgets."""
