"""What stands between the network and the world: the published app, and the server for programs."""

import sys

# jsonschema would build a parser of web addresses with it while it is loaded: a second before every server's
# start, for a check that nobody asks for. It does without what is not there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
