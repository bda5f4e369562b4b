"""The shop: products, a cart, and a page to look at. Requests in, answers out."""

import html
import json
from dataclasses import dataclass, field

from faults import Faults, Share
from server import Answer, Request, in_json

CURRENCY = "EUR"
PRODUCTS = {
    number: {"id": number, "name": name, "price_cents": cents, "currency": CURRENCY}
    for number, (name, cents) in enumerate(
        [("Teapot", 3400), ("Cup", 900), ("Saucer", 600), ("Sugar bowl", 1250), ("Tray", 2800), ("Spoon", 450)], 1
    )
}

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Storefront {version}</title>
<style>
  body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem;
         color: #223; background: #fbfaf7 }}
  h1 {{ margin-bottom: 0 }} small {{ color: #667 }}
  li {{ display: flex; justify-content: space-between; padding: .4rem 0; border-bottom: 1px solid #e5e2d8 }}
  ul {{ padding: 0 }}
</style>
<h1>Storefront</h1><small>version {version}</small>
<ul>{items}</ul>
</html>
"""


@dataclass(eq=False)
class Shop:
    """Answers requests. A cart is not kept: instances share nothing, and any of them may answer."""

    version: str
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self._errors = Share(self.faults.errors_percent)

    def respond(self, request: Request) -> Answer:
        """The answer to one request."""
        path = request.path.partition("?")[0]
        match (request.method, path.strip("/").split("/")):
            case ("GET", ["health"]):
                return self._health()
            case ("GET", [""]):
                return self._page()
            case ("GET", ["products", *rest]):
                return self._products(rest)
            case ("POST", ["cart"]):
                return self._cart(request.body)
            case _:
                return self._told({"error": "there is nothing here"}, code=404)

    def _health(self) -> Answer:
        if self.faults.never_healthy:
            return in_json({"healthy": False, "version": self.version}, code=503)
        return in_json({"healthy": True, "version": self.version})

    def _page(self) -> Answer:
        items = "".join(
            f"<li>{html.escape(p['name'])}<span>{p['price_cents'] / 100:.2f} {CURRENCY}</span></li>"
            for p in PRODUCTS.values()
        )
        page = PAGE.format(version=html.escape(self.version), items=items)
        return Answer(body=page.encode(), content_type="text/html; charset=utf-8", delay_s=self.faults.latency_s)

    def _products(self, rest: list[str]) -> Answer:
        if self._errors.falls_on_this():
            return self._told({"error": "the price service does not answer"}, code=500)
        match rest:
            case []:
                items = [] if self.faults.fail_smoke else list(PRODUCTS.values())
                return self._told({"items": items, "version": self.version})
            case [number] if number.isdecimal() and int(number) in PRODUCTS:
                return self._told(PRODUCTS[int(number)])
            case _:
                return self._told({"error": "there is no such product"}, code=404)

    def _cart(self, body: bytes) -> Answer:
        try:
            wanted = json.loads(body)
            product, count = PRODUCTS[wanted["id"]], wanted.get("count", 1)
            total = product["price_cents"] * int(count)
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._told({"error": 'say {"id": 1, "count": 2}'}, code=400)
        return self._told({"items": [{**product, "count": count}], "total_cents": total}, code=201)

    def _told(self, value: object, *, code: int = 200) -> Answer:
        return in_json(value, code=code, delay_s=self.faults.latency_s)
