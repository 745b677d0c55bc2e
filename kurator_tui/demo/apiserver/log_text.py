"""What made-up containers write: access logs, logfmt, JSON lines, klog, and stack traces of three languages.

All pods of one image write in one style. A line is a function of a number drawn for it, so nothing is kept.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from kurator_tui.demo.apiserver import log_ansible

_ROUTES = ("/", "/cart", "/api/items", "/api/orders", "/healthz", "/metrics", "/login", "/static/app.js")
_TASKS = ("reconcile", "sync cache", "flush batch", "renew lease", "rotate token", "compact segment")
_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "kube-probe/1.31", "Prometheus/2.53.1", "okhttp/4.12.0")
_CLASSES = ("OrderService", "PaymentGateway", "InventoryClient", "SessionFilter", "OutboxPublisher")
_FILES = ("controller.go:117", "reflector.go:351", "leaderelection.go:260", "proxier.go:805", "trace.go:236")
_STATUSES = (200, 200, 200, 200, 204, 304, 404, 500)
CYCLE, AT = 97, 60
"""Once in so many lines an error with its stack trace is written, from this one on."""

_JAVA = (
    "org.postgresql.util.PSQLException: Connection to orders-db:5432 refused.",
    "\tat org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:352)",
    "\tat com.zaxxer.hikari.pool.PoolBase.newConnection(PoolBase.java:364)",
    "\tat com.example.shop.OrderRepository.save(OrderRepository.java:88)",
    "\tat com.example.shop.OrderService.place(OrderService.java:141)",
    "Caused by: java.net.ConnectException: Connection refused",
    "\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)",
    "\t... 6 more",
)
_PYTHON = (
    "Traceback (most recent call last):",
    '  File "/app/worker.py", line 212, in handle',
    "    result = self.model.predict(batch)",
    '  File "/app/model.py", line 64, in predict',
    "    return self.session.run(None, feed)[0]",
    "TimeoutError: feature store did not answer within 5.0 s",
)
_GO = (
    "http: panic serving 10.244.1.17:52514: runtime error: index out of range [3] with length 3",
    "goroutine 8411 [running]:",
    "net/http.(*conn).serve.func1()",
    "\t/usr/local/go/src/net/http/server.go:1947 +0xbe",
    "main.(*server).items(0xc0001a4000, {0x9f3ca0, 0xc0004e60e0}, 0xc0004d2140)",
    "\t/src/cmd/api/items.go:73 +0x2f4",
)
_JAVA_CRASH = (
    "APPLICATION FAILED TO START",
    "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'",
    "\tat org.springframework.boot.SpringApplication.run(SpringApplication.java:335)",
    "\tat com.example.shop.Application.main(Application.java:21)",
    "Caused by: java.lang.IllegalStateException: missing configuration key 'database.url'",
    "\tat com.example.shop.Settings.require(Settings.java:57)",
    "\t... 14 more",
)
_PYTHON_CRASH = (
    "Traceback (most recent call last):",
    '  File "/app/__main__.py", line 31, in <module>',
    "    main()",
    '  File "/app/settings.py", line 18, in load',
    '    return Settings(database=os.environ["DATABASE_URL"])',
    "KeyError: 'DATABASE_URL'",
)
_GO_CRASH = (
    "panic: cannot open configuration: missing key 'database.url'",
    "",
    "goroutine 1 [running]:",
    "main.mustLoadConfig({0x7ffd3a2f, 0x14})",
    "\t/src/cmd/api/config.go:42 +0x1d1",
    "main.main()",
    "\t/src/cmd/api/main.go:27 +0x85",
)


@dataclass(frozen=True, slots=True)
class Style:
    """How one program writes. `line(value, number, at)`: a drawn number, the line's own, and Unix seconds."""

    name: str
    line: Callable[[int, int, float], str]
    trace: tuple[str, ...] = ()
    crash: tuple[str, ...] = _GO_CRASH
    memory: str = "fatal error: runtime: out of memory"
    """What is written last before the memory is used up."""

    def text(self, value: int, number: int, at: float) -> str:
        """The text of a line."""
        step = number % CYCLE - AT
        if 0 <= step < len(self.trace):
            return self.trace[step]
        return self.line(value, number, at)

    def last_words(self, reason: str) -> tuple[str, ...]:
        """How a log ends whose container ended for `reason`."""
        return (self.memory,) if reason == "OOMKilled" else self.crash


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _logfmt(value: int, number: int, _at: float) -> str:
    kind, value = value % 20, value // 20
    if kind == 0:
        return f'level=warn msg="slow upstream" route={_ROUTES[value % len(_ROUTES)]} took={value % 4000 + 800}ms'
    if kind == 1:
        return f'level=error msg="upstream reset" attempt={value % 3 + 1} request={value % 10**8:08x}'
    if kind < 6:
        return f'level=info msg="{_TASKS[value % len(_TASKS)]}" n={number} took={value % 90 + 3}ms'
    status = _STATUSES[value // 7 % 8]
    return f"level=info method=GET route={_ROUTES[value % len(_ROUTES)]} status={status} took={value % 250 + 1}ms"


def _access(value: int, _number: int, at: float) -> str:
    status, route = _STATUSES[value // 7 % 8], _ROUTES[value % len(_ROUTES)]
    stamp = datetime.fromtimestamp(at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    size, agent = value // 3 % 20_000, _AGENTS[value // 11 % len(_AGENTS)]
    source = f"10.244.{value % 8}.{value // 8 % 250 + 1}"
    return f'{source} - - [{stamp}] "GET {route} HTTP/1.1" {status} {size} "-" "{agent}"'


def _json(value: int, number: int, at: float) -> str:
    status = _STATUSES[value // 7 % 8]
    level = "error" if status == 500 else "warn" if value % 23 == 0 else "info"
    entry: dict[str, object] = {"ts": _iso(at), "level": level, "msg": "request served"}
    if level == "warn":
        entry |= {"msg": "retrying", "attempt": value % 3 + 1, "backoff": f"{value % 900 + 100}ms"}
    entry |= {"path": _ROUTES[value % len(_ROUTES)], "status": status, "durationMs": value % 250 + 1, "n": number}
    if level == "error":
        entry |= {"msg": "request failed", "error": "context deadline exceeded", "stack": "\n".join(_GO[1:])}
    return json.dumps({**entry, "trace": f"{value % 16**12:012x}"}, separators=(",", ":"))


def _zap(value: int, number: int, at: float) -> str:
    task = _TASKS[value % len(_TASKS)]
    entry = {"level": "info", "ts": _iso(at), "logger": "controller", "msg": task, "reconcileID": f"{value:016x}"}
    if value % 19 == 0:
        entry |= {"level": "error", "error": "Operation cannot be fulfilled: the object has been modified"}
    return json.dumps({**entry, "revision": number}, separators=(",", ":"))


def _klog(value: int, number: int, at: float) -> str:
    letter = "E" if value % 31 == 0 else "W" if value % 17 == 0 else "I"
    stamp = datetime.fromtimestamp(at, UTC).strftime("%m%d %H:%M:%S.%f")
    words = {
        "E": '"Unhandled Error" err="failed to list *v1.EndpointSlice: etcdserver: request timed out"',
        "W": "watch of *v1.ConfigMap ended with: very short watch",
        "I": f'"{_TASKS[value % len(_TASKS)]}" duration="{value % 400 + 1}ms" n={number}',
    }
    return f"{letter}{stamp}       1 {_FILES[value % len(_FILES)]}] {words[letter]}"


def _spring(value: int, number: int, at: float) -> str:
    step = number % CYCLE - AT
    level = "ERROR" if step == -1 else " WARN" if value % 23 == 0 else " INFO"
    words = {
        "ERROR": "Order could not be placed",
        " WARN": f"Thread starvation or clock leap detected (housekeeper delta={value % 90 + 30}s)",
        " INFO": f"Order {value % 10**6} is {('placed', 'paid', 'packed', 'shipped')[value % 4]}",
    }
    name = f"com.example.shop.{_CLASSES[value % len(_CLASSES)]}"
    return f"{_iso(at)} {level} 1 --- [nio-8080-exec-{value % 9 + 1}] {name:<40} : {words[level]}"


def _python(value: int, number: int, at: float) -> str:
    stamp = _iso(at).replace("T", " ").replace(".", ",").rstrip("Z")
    if number % CYCLE == AT - 1:
        return f"{stamp} ERROR worker: batch {value % 10**5} failed"
    level, words = ("WARNING", "queue is long") if value % 29 == 0 else ("INFO", f"batch {value % 10**5} done")
    return f"{stamp} {level} worker: {words} in {value % 900 / 1000:.3f} s"


LOGFMT = Style("logfmt", _logfmt, _GO)
ACCESS = Style("access", _access)
JSON = Style("json", _json)
ZAP = Style("zap", _zap)
KLOG = Style("klog", _klog)
SPRING = Style(
    "spring", _spring, _JAVA, _JAVA_CRASH, "Terminating due to java.lang.OutOfMemoryError: Java heap space"
)
PYTHON = Style("python", _python, _PYTHON, _PYTHON_CRASH, "MemoryError: Unable to allocate 1.21 GiB for an array")

ANSIBLE = Style("ansible", log_ansible.line)

_BY_WORD = (
    (("kubespray",), ANSIBLE),
    (("kube-", "coredns", "calico", "karmada", "volcano", "cloudcore", "edge", "scheduler", "csi-"), KLOG),
    (("controller", "operator", "flux", "etcd", "manager", "kyverno", "velero", "tekton"), ZAP),
    (("nginx", "frontend", "gateway", "proxy", "ingress", "web"), ACCESS),
    (("order", "payment", "cart", "checkout", "inventory", "catalog", "billing"), SPRING),
    (("fraud", "recommend", "train", "model", "predict", "report", "ingest", "jupyter"), PYTHON),
)


def style_of(image: str, drawn: int) -> Style:
    """The style of an image: by what its name says, else one that is `drawn`."""
    name = image.rpartition("/")[2].partition("@")[0].partition(":")[0].lower()
    found = next((style for words, style in _BY_WORD if any(word in name for word in words)), None)
    return found or (LOGFMT, JSON, SPRING, PYTHON)[drawn % 4]
