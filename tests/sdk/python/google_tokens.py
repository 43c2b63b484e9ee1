"""Where Google's access tokens are had, and an account that has them there."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class GoogleTokens:
    """A token server on a port of its own, which trusts everybody."""

    def __init__(self, token):
        answer = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        data = json.dumps(answer).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def account(self, home):
        """Writes the credentials of an account into a folder, and says where."""
        theirs = home / "token.txt"
        theirs.write_text("somebody else's token")
        credentials = home / "google.json"
        account = {
            "type": "external_account",
            "audience": "//iam.googleapis.com/horses",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": self.url + "/token",
            "credential_source": {"file": str(theirs)},
        }
        credentials.write_text(json.dumps(account))
        return str(credentials)

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
