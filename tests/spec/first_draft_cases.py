"""Folders as they are met, and what must be made of each; read by test_first_draft.py."""

import json
from dataclasses import dataclass, field

PIP = ("python3", "-m", "pip", "install", "--quiet", "--no-compile", "--target", "lib")
GUNICORN = ("python3", "-m", "gunicorn")
UVICORN = ("python3", "-m", "uvicorn")
BIND = ("--bind", "127.0.0.1:$PORT")
HOST = ("--host", "127.0.0.1", "--port", "$PORT")

FASTAPI = "from fastapi import FastAPI\n\napp = FastAPI(title='x')\n\n@app.get('/healthz')\ndef health(): ...\n"
FLASK = "import flask\napp = flask.Flask(__name__)\n"
FACTORY = "from flask import Flask\ndef create_app(config=None):\n    app = Flask(__name__)\n    return app\n"
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
STDLIB = (
    "import os\nfrom http.server import HTTPServer\nHTTPServer(('', int(os.environ['PORT'])), X).serve_forever()\n"
)
PROJECT = """
[project]
name = "Shop.Front"
authors = [{name = "Ada", email = "a@b"}]
dependencies = ["flask>=3", "gunicorn"]
"""
DOCKERFILE = """
FROM a AS b
CMD ["x"]
FROM c
EXPOSE 8000/tcp
HEALTHCHECK CMD curl http://localhost:8000/ok || exit 1
ENTRYPOINT ["python", "-m", "shop"]
CMD ["--host", "0.0.0.0", "--port=8000"]
"""
GO = 'package main\n\nimport "os"\n\nfunc main() { listen(os.Getenv("PORT")) }\n'
DEPLOYMENT = """
kind: Service
---
kind: Deployment
spec:
  replicas: 4
  template:
    spec:
      containers:
        - name: shop
          command: [gunicorn]
          args: ["shop:app", "--bind", "0.0.0.0:8000"]
          env:
            - {name: LOG_LEVEL, value: info}
            - {name: PORT, value: "8000"}
            - {name: API_KEY, valueFrom: {secretKeyRef: {name: shop, key: api}}}
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
"""
COMPOSE = """
services:
  db: {image: postgres}
  web:
    build: .
    command: uvicorn shop:app --host 0.0.0.0 --port 8000
    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost:8000/healthz"]}
"""


@dataclass(frozen=True)
class Case:
    """A folder, and what must be made of it."""

    texts: dict[str, str]
    run: tuple[str, ...]
    build: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    health: str = ""
    fill_in: bool = False
    programs: frozenset[str] = frozenset()


def package(**entries: object) -> str:
    return json.dumps(entries)


def given(name: str) -> str:
    return f"FILL IN: how {name} is given its port, for instance --port $PORT"


A = {"a": "1"}
NO_PORT = "FILL IN: server.py does not read PORT; give it the port, for instance --port $PORT"
UNKNOWN = ("FILL IN: the command that starts the service; it must listen on $PORT",)
LIB = {"PYTHONPATH": "lib:."}
NODE = {"NODE_ENV": "production"}
QUIET = ("--no-audit", "--no-fund")

CASES = {
    "fastapi": Case(
        {"main.py": FASTAPI, "requirements.txt": "fastapi\nuvicorn[standard]\n"},
        run=(*UVICORN, "main:app", *HOST), build=(*PIP, "-r", "requirements.txt"), env=LIB, health="/healthz",
    ),
    "fastapi in src, server missing": Case(
        {"src/shop/api.py": FASTAPI, "requirements.txt": "fastapi\n"},
        run=(*UVICORN, "shop.api:app", *HOST), build=(*PIP, "-r", "requirements.txt", "uvicorn"),
        env={"PYTHONPATH": "lib:src"}, health="/healthz",
    ),
    "flask": Case(
        {"wsgi.py": FLASK, "requirements.txt": "flask\ngunicorn\n", "tests/test_app.py": FASTAPI},
        run=(*GUNICORN, "wsgi:app", *BIND), build=(*PIP, "-r", "requirements.txt"), env=LIB,
    ),
    "flask factory in a package": Case(
        {"shop/__init__.py": FACTORY, "pyproject.toml": PROJECT + "[build-system]\nrequires = []\n"},
        run=(*GUNICORN, "shop:create_app()", *BIND), build=(*PIP, "."), env=LIB,
    ),
    "dependencies without a build system": Case(
        {"app.py": FLASK, "pyproject.toml": PROJECT},
        run=(*GUNICORN, "app:app", *BIND), build=(*PIP, "flask>=3", "gunicorn"), env=LIB,
    ),
    "a folder called lib is not overwritten": Case(
        {"app.py": FLASK, "requirements.txt": "flask\ngunicorn\n", "lib/own.py": ""},
        run=(*GUNICORN, "app:app", *BIND), build=(*PIP[:-1], "python-packages", "-r", "requirements.txt"),
        env={"PYTHONPATH": "python-packages:."},
    ),
    "django": Case(
        {"manage.py": MANAGE, "shop/wsgi.py": "application = x()\n", "requirements.txt": "Django\n"},
        run=(*GUNICORN, "shop.wsgi", *BIND), build=(*PIP, "-r", "requirements.txt", "gunicorn"), env=LIB,
    ),
    "wsgi interface": Case(
        {"conf/wsgi.py": "from x import y\napplication = y()\n", "requirements.txt": "gunicorn\n"},
        run=(*GUNICORN, "conf.wsgi:application", *BIND), build=(*PIP, "-r", "requirements.txt"), env=LIB,
    ),
    "asgi interface": Case(
        {"conf/asgi.py": "application = y()\n", "setup.py": "setup(install_requires=['uvicorn'])"},
        run=(*UVICORN, "conf.asgi:application", *HOST), build=(*PIP, ".", "uvicorn"), env=LIB,
    ),
    "standard library": Case({"app.py": STDLIB}, run=("python3", "app.py"), env={"PYTHONPATH": "."}),
    "script with a port of its own": Case(
        {"server.py": "HTTPServer(('', 8000), X).serve_forever()\n"},
        run=("python3", "server.py", NO_PORT),
        env={"PYTHONPATH": "."}, fill_in=True,
    ),
    "console script": Case(
        {"pyproject.toml": '[project]\nname = "wiki"\n[project.scripts]\nwiki = "wiki:main"\n[build-system]\n'},
        run=("python3", "lib/bin/wiki", given("wiki")),
        build=(*PIP, "."), env=LIB, fill_in=True,
    ),
    "requirements only": Case(
        {"requirements.txt": "radicale==3.2\n"},
        run=("FILL IN: the command that serves, for instance python3 -m radicale --port $PORT",),
        build=(*PIP, "-r", "requirements.txt"), env=LIB, fill_in=True,
    ),
    "node with a simple start script": Case(
        {"package.json": package(name="@shop/front", scripts={"start": "node server.js --fast"}, dependencies=A),
         "package-lock.json": "{}", "server.js": "app.get('/health', ok)"},
        run=("node", "server.js", "--fast"), build=("npm", "ci", "--omit=dev", *QUIET), env=NODE, health="/health",
    ),
    "node with a start script for a shell": Case(
        {"package.json": package(scripts={"start": "A=1 node server.js && true"})},
        run=("npm", "start", "--silent"), env=NODE,
    ),
    "node with a framework and a build": Case(
        {"package.json": package(scripts={"start": "next start", "build": "next build"}, dependencies=A)},
        run=("node_modules/.bin/next", "start"),
        build=("sh", "-c", "npm install --no-audit --no-fund && npm run build"), env=NODE,
    ),
    "node with yarn": Case(
        {"package.json": package(main="index.js", dependencies=A), "yarn.lock": "", "index.js": ""},
        run=("node", "index.js"), build=("yarn", "install", "--frozen-lockfile", "--production"), env=NODE,
    ),
    "node with nothing but a dependency": Case(
        {"package.json": package(dependencies={"json-server": "1"})},
        run=("node_modules/.bin/json-server", given("json-server")),
        build=("npm", "install", "--omit=dev", *QUIET), env=NODE, fill_in=True,
    ),
    "go": Case(
        {"go.mod": "module example.org/shop\n", "cmd/shop/main.go": GO},
        run=("./service",), build=("go", "build", "-trimpath", "-o", "service", "./cmd/shop"),
    ),
    "procfile wins over the code": Case(
        {"Procfile": "release: migrate\nweb: gunicorn shop.wsgi --log-file -\n", "app.py": FLASK,
         "requirements.txt": "flask\ngunicorn\n"},
        run=(*GUNICORN, "shop.wsgi", "--log-file", "-", *BIND), build=(*PIP, "-r", "requirements.txt"), env=LIB,
    ),
    "procfile that needs a shell": Case(
        {"Procfile": "web: migrate && exec serve $PORT\n"}, run=("sh", "-c", "migrate && exec serve $PORT"),
    ),
    "dockerfile in exec form": Case(
        {"Dockerfile": DOCKERFILE},
        run=("python3", "-m", "shop", "--host", "127.0.0.1", "--port=$PORT"), health="/ok",
    ),
    "dockerfile in shell form": Case(
        {"Dockerfile": "FROM a\nCMD exec uvicorn shop:app --host 0.0.0.0 --port ${PORT:-8000}\n"},
        run=(*UVICORN, "shop:app", *HOST),
    ),
    "dockerfile without a command": Case(
        {"Dockerfile": "FROM a\n"},
        run=UNKNOWN, fill_in=True,
    ),
    "compose": Case(
        {"compose.yaml": COMPOSE}, run=(*UVICORN, "shop:app", *HOST), health="/healthz",
    ),
    "kubernetes": Case(
        {"deploy/shop.yaml": DEPLOYMENT},
        run=(*GUNICORN, "shop:app", *BIND), env={"LOG_LEVEL": "info"}, health="/ready",
    ),
    "static site": Case(
        {"index.html": ""},
        run=("python3", "-m", "http.server", "$PORT", "--bind", "127.0.0.1", "--directory", "."), health="/",
    ),
    "a program": Case(
        {"shopd": ""}, programs=frozenset({"shopd"}),
        run=("./shopd", given("shopd")), fill_in=True,
    ),
    "nothing": Case({}, run=UNKNOWN, fill_in=True),
}  # fmt: skip
