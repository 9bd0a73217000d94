"""From a picture of paper to the digits on it, in lines: the way of a photo, stage by stage.

`reading.read_page` runs the stages in order: `picture` (bytes to pixels), `sheet` (the paper, seen from
above), `ink` (even light, ink told from paper), `rules` (lines and boxes taken out), `marks` (parts joined to
digits, digits to lines), `cuts` (touching digits), `images` (each as 28x28). Image work is OpenCV's, and so
the package is imported when the first picture comes: nothing here is loaded for those who draw.
"""
