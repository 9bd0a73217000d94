"""Write the table of docs/speed.md anew, of what `benchmarks/training_speed.py --json` wrote.

python docs/speed_table.py FILE…
"""

import json
import statistics
import sys
from pathlib import Path

PAGE = Path(__file__).with_name("speed.md")
START, END = "<!-- speed -->", "<!-- end of speed -->"


def table(files):
    """The rows of several files as one table in Markdown: a line a network and batch, a column a peer."""
    measured = [json.loads(Path(file).read_text("utf-8")) for file in files]
    if any(one["quick"] for one in measured):
        raise SystemExit("Expected files without --quick: what that measures is only for a look.")
    rows = [row for one in measured for row in one["rows"]]
    cells = {(row["network"], row["batch"], row["peer"]): row for row in rows}
    peers = list(dict.fromkeys(row["peer"] for row in rows))
    lines = [["network", "batch", "µs an example", *peers], ["---"] * (3 + len(peers))]
    for network, batch in dict.fromkeys((row["network"], row["batch"]) for row in rows):
        found = [cells.get((network, batch, peer)) for peer in peers]
        own = next(row["microseconds"] for row in found if row)
        lines.append([network, batch, f"{own:.2f}", *(f"{row['ratio']:.2f}" if row else "" for row in found)])
    means = [statistics.geometric_mean(row["ratio"] for row in rows if row["peer"] == peer) for peer in peers]
    lines.append(["geometric mean", "", "", *(f"**{mean:.2f}**" for mean in means)])
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main(files):
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n{table(files)}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
