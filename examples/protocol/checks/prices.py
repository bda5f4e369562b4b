"""A migration of prices: a column for the currency, and back. Works in the copy that GOLIVE_COPY names."""

import os
import sys
from pathlib import Path

PRICES = "1,Lamp,3400\n2,Chair,8900\n"


def main() -> None:
    place = Path(os.environ["GOLIVE_COPY"]) / "prices.csv"
    match sys.argv[1]:
        case "copy":
            place.write_text(PRICES)
        case "forward":
            place.write_text("".join(f"{row},EUR\n" for row in place.read_text().splitlines()))
        case "backward":
            place.write_text("".join(row.removesuffix(",EUR") + "\n" for row in place.read_text().splitlines()))
        case "state":
            print(place.read_text(), end="")


if __name__ == "__main__":
    main()
