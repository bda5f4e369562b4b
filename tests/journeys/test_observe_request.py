"""A marked request is found where its log line is, and told where it is not."""

import json
from pathlib import Path

import pytest

from town import town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]
APP = """
import http.server, os
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "0"); self.end_headers()
        if self.headers.get("traceparent"):
            open(os.environ["SPANS"], "a").write(self.headers["traceparent"] + "\\n")
    def log_message(self, form, *words):
        if os.environ["LOGS"] == "yes": print(form % words, flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""
SPEC = """service: shop
owner: team
revision: {{include: [app.py], run: [python3, app.py], env: {{SPANS: "{spans}", LOGS: "{logs}"}}}}
environments: {{staging: {{target: {{kind: local}}, strategy: {{kind: all-at-once}}}}}}
objectives: {{error_rate: 1 %}}
judge: {{unproven: objectives}}
readiness:
  channels:
    traces: {{send: [./never], received: [sh, -c, "{find}"]}}
"""
REQUEST = ("observe", "request", "--env", "staging", "--path", "/cart?a=1", "--patience", "1", "--json")


def test_a_marked_request_is_found_in_logs_and_traces_or_told_as_lost(tmp_path: Path) -> None:
    with town(tmp_path / "shop") as shop:
        spans = tmp_path / "spans"
        (shop.folder / "app.py").write_text(APP)

        def write(logs: str, find: str) -> None:
            text = SPEC.format(spans=spans, logs=logs, find=find)
            (shop.folder / "golive.yaml").write_text(text)

        find = f"grep -q $GOLIVE_MARKER {spans}"
        write("yes", find)
        assert shop.golive(*REQUEST)[0] == 3  # no front door
        for path in ("@example.org/", "cart", "/cart#x"):
            assert shop.golive("observe", "request", "--env", "staging", "--path", path)[0] == 2
        code, _, err = shop.golive("deploy", "--env", "staging", "--json")
        assert code == 0, err
        code, out, err = shop.golive(*REQUEST)
        told = json.loads(out)
        assert code == 0, out + err
        assert [(one["kind"], one["answer"], one["control"]) for one in told["places"]] == [
            ("logs", "proven", "red"),
            ("traces", "proven", "red"),
        ]
        assert f"/cart?a=1&golive-marker={told['marker']}" in told["url"]
        claims = {(r["data"]["claim"], r["data"]["answer"]) for r in shop.records("claim.exercised")}
        assert claims == {("logs-received", "proven"), ("traces-received", "proven")}

        write("yes", "true")  # finds whatever is asked
        code, out, _ = shop.golive(*REQUEST)
        assert (code, json.loads(out)["places"][1]["control"]) == (1, "green")
        write("no", find)
        assert shop.golive("deploy", "--env", "staging", "--json")[0] == 0
        code, out, _ = shop.golive(*REQUEST)
        assert (code, [one["answer"] for one in json.loads(out)["places"]]) == (1, ["refuted", "proven"])
        assert shop.golive("evidence", "verify")[0] == 0
