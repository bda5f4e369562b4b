"""The storefront serves, and its faults do what they say."""

import http.client
import select
import socket
import time

import psutil
import pytest

from golive.spec.parse import parse
from shops import EXAMPLE, LIMIT_S, start, storefront, wait_until


def test_it_serves_products_a_cart_and_a_page(tmp_path):
    with storefront(tmp_path / "shop", version="7.8.9") as shop:
        assert shop.ask("/health") == (200, {"healthy": True, "version": "7.8.9"})
        code, products = shop.ask("/products?page=1")
        assert code == 200
        first = products["items"][0]
        assert shop.ask(f"/products/{first['id']}") == (200, first)
        code, cart = shop.ask("/cart", "POST", '{"id": 1, "count": 2}')
        assert (code, cart["total_cents"]) == (201, 2 * first["price_cents"])
        code, page = shop.ask("/")
        assert code == 200
        assert "7.8.9" in page


@pytest.mark.parametrize("path", ["/products/999", "/products/x", "/products/1/2", "/nothing"])
def test_what_is_not_there_is_404(tmp_path, path):
    with storefront(tmp_path / "shop") as shop:
        assert shop.ask(path)[0] == 404


@pytest.mark.parametrize("body", ["", "[]", '{"id": 999}', '{"id": 1, "count": "many"}', "null"])
def test_a_cart_that_makes_no_sense_is_400(tmp_path, body):
    with storefront(tmp_path / "shop") as shop:
        assert shop.ask("/cart", "POST", body)[0] == 400


@pytest.mark.parametrize(
    "junk",
    [
        b"what\r\n\r\n",
        b"POST /cart HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /cart HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n",
        b"POST /cart HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"x" * 70_000,
    ],
)
def test_what_is_no_request_is_400_and_the_connection_is_closed(tmp_path, junk):
    with storefront(tmp_path / "shop") as shop:
        with socket.create_connection(("127.0.0.1", shop.port), timeout=5) as caller:
            caller.sendall(junk)
            answer = http.client.HTTPResponse(caller)
            answer.begin()
            assert answer.status == 400
            assert answer.will_close
        assert shop.ask("/health")[0] == 200


def test_requests_in_a_row_on_one_connection_are_answered_in_order(tmp_path):
    with storefront(tmp_path / "shop", STOREFRONT_LATENCY_MS="200") as shop:
        with socket.create_connection(("127.0.0.1", shop.port), timeout=5) as caller:
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            caller.sendall(b"GET /products/2 HTTP/1.1\r\n\r\n")
            assert shop.ask("/health")[0] == 200  # by now the first one has been read, and waits
            caller.sendall(b"GET /health HTTP/1.1\r\nconnection: close\r\n\r\n")
            told = b""
            while chunk := caller.recv(65536):
                told += chunk
        assert 0 < told.index(b'"id": 2') < told.index(b'"healthy"')


@pytest.mark.parametrize("where", ["release", "environ"])
def test_errors_are_spread_evenly_over_products_and_nothing_else(tmp_path, where):
    fault = {"STOREFRONT_ERRORS": "20"}
    with storefront(tmp_path / "shop", **({"release": fault} if where == "release" else fault)) as shop:
        assert [shop.ask("/products/1")[0] for _ in range(10)] == [200, 200, 200, 200, 500] * 2
        assert {shop.ask("/health")[0] for _ in range(10)} == {200}


def test_the_environment_wins_over_the_release(tmp_path):
    with storefront(tmp_path / "shop", release={"STOREFRONT_ERRORS": "100"}, STOREFRONT_ERRORS="0") as shop:
        assert shop.ask("/products")[0] == 200


def test_latency_is_added_to_answers_but_not_to_health(tmp_path):
    with storefront(tmp_path / "shop", STOREFRONT_LATENCY_MS="300") as shop:
        began = time.monotonic()
        assert shop.ask("/products")[0] == 200
        assert time.monotonic() - began >= 0.3
        began = time.monotonic()
        assert shop.ask("/health")[0] == 200
        assert time.monotonic() - began < 0.3


def test_a_failing_smoke_is_an_empty_list_with_code_200(tmp_path):
    with storefront(tmp_path / "shop", STOREFRONT_FAIL_SMOKE="1") as shop:
        code, told = shop.ask("/products")
        assert (code, told["items"]) == (200, [])


def test_never_healthy_is_503_while_products_are_served(tmp_path):
    with storefront(tmp_path / "shop", STOREFRONT_NEVER_HEALTHY="1") as shop:
        assert shop.ask("/health")[0] == 503
        assert shop.ask("/products")[0] == 200


@pytest.mark.parametrize("fault", [{"STOREFRONT_CRASH_ON_START": "1"}, {"STOREFRONT_EROR": "1"}])
def test_a_crash_on_start_and_an_unknown_fault_end_it_at_once(tmp_path, fault):
    shop = start(tmp_path / "shop", **fault)
    output, _ = shop.child.communicate(timeout=LIMIT_S)
    assert shop.child.returncode == 1
    assert next(iter(fault)) in output


def test_a_slow_start_listens_later(tmp_path):
    began = time.monotonic()
    with storefront(tmp_path / "shop", STOREFRONT_SLOW_START_S="0.7"):
        assert time.monotonic() - began >= 0.7


def test_a_leak_grows(tmp_path):
    with storefront(tmp_path / "shop", STOREFRONT_LEAK_MB_PER_S="200") as shop:
        seen = psutil.Process(shop.child.pid)
        before = seen.memory_info().rss
        wait_until(lambda: seen.memory_info().rss > before + 30_000_000)


def test_sigterm_answers_what_was_begun_refuses_what_is_new_and_exits_0(tmp_path):
    with storefront(tmp_path / "shop", STOREFRONT_LATENCY_MS="1200") as shop:
        begun = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=5)
        idle = socket.create_connection(("127.0.0.1", shop.port), timeout=5)
        begun.request("GET", "/products")
        wait_until(lambda: _accepted(shop.child.pid, 2))
        shop.child.terminate()
        wait_until(lambda: not shop.listens())
        answered, _, _ = select.select([begun.sock], [], [], 0)
        assert not answered  # while it still answers, it accepts nothing new
        answer = begun.getresponse()
        assert answer.status == 200
        assert answer.headers["connection"] == "close"
        assert answer.read().endswith(b"}\n")
        assert idle.recv(1) == b""  # kept connections are closed
        assert shop.child.wait(LIMIT_S) == 0
        idle.close()
        begun.close()


def test_its_golive_yaml_can_be_used():
    spec = parse((EXAMPLE / "golive.yaml").read_bytes(), name="golive.yaml")
    assert spec.environments["production"].strategy.weights == (10, 50)
    assert spec.environments["production"].requires == ("staging",)


def _accepted(pid: int, count: int) -> bool:
    return len([c for c in psutil.Process(pid).net_connections("tcp") if c.status == "ESTABLISHED"]) >= count
