"""A server on loopback with OpenAI's files and batches, in memory."""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STEPS = ["validating", "in_progress", "completed"]


class BatchDesk:
    """`reply(body)` gives (status, body) for each line; `steps` are a batch's states, one for each look at it.

    `event` is called with the name of each thing that was done, before the client is told.
    """

    def __init__(self, reply, steps=STEPS):
        self.reply, self.steps, self.event = reply, steps, lambda name: None
        self.files, self.batches, self.looks = {}, {}, {}

    @property
    def lines(self):
        """The custom ids of all lines of all batches."""
        return [
            json.loads(line)["custom_id"]
            for batch in self.batches.values()
            for line in self.files[batch["input_file_id"]].splitlines()
        ]

    def new_file(self, body):
        content = re.search(rb'name="file".*?\r\n\r\n(.*?)\r\n--', body, re.DOTALL)[1]
        assert re.search(rb'name="purpose"\r\n\r\nbatch\r\n', body)
        id_ = f"file-{len(self.files)}"
        self.files[id_] = content
        return {"id": id_, "object": "file", "purpose": "batch", "bytes": len(content)}

    def new_batch(self, body):
        id_ = f"batch-{len(self.batches)}"
        asked = json.loads(body)
        assert (asked["endpoint"], asked["completion_window"]) == ("/v1/chat/completions", "24h")
        self.batches[id_] = {**asked, "id": id_, "object": "batch", "status": self.steps[0]}
        self.looks[id_] = 0
        return self.batches[id_]

    def look(self, id_):
        batch = self.batches[id_]
        self.looks[id_] += 1
        batch["status"] = self.steps[min(self.looks[id_], len(self.steps) - 1)]
        if batch["status"] in {"completed", "expired"} and "output_file_id" not in batch:
            self._answer(batch)
        return batch

    def _answer(self, batch):
        found = {"output": [], "error": []}
        for line in map(json.loads, self.files[batch["input_file_id"]].splitlines()):
            status, body = self.reply(line["body"])
            own = {"custom_id": line["custom_id"], "error": None, "response": {"status_code": status, "body": body}}
            if status == "expired":
                own |= {"response": None, "error": {"code": "batch_expired", "message": "it took too long"}}
            found["output" if status == 200 else "error"].append(json.dumps(own))
        for name, lines in found.items():
            self.files[f"{batch['id']}-{name}"] = "\n".join(lines).encode()
            batch[f"{name}_file_id"] = f"{batch['id']}-{name}" if lines else None

    @contextmanager
    def open(self):
        """Serve in threads of this process: the base URL."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(desk):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            name = self.path.removeprefix("/v1/")
            self._send(name, {"files": desk.new_file, "batches": desk.new_batch}[name](body))

        def do_GET(self):
            _, _, kind, *rest = self.path.partition("?")[0].split("/")
            if kind == "files":
                self._send("content", desk.files[rest[0]])
            elif rest:
                self._send("look", desk.look(rest[0]))
            else:
                self._send("list", {"object": "list", "data": list(desk.batches.values()), "has_more": False})

        def _send(self, name, content):
            desk.event(name)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Be quiet."""

    return Handler
