"""local_aws.py PORT  serves moto on the loopback address, and what was mailed through its SES as JSON under /mails."""
import json
import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ses.models import ses_backends
from werkzeug.serving import run_simple


def mails() -> list:
    sent = []
    for account in list(ses_backends.values()):
        for backend in list(account.values()):
            for mail in list(backend.sent_messages):
                if hasattr(mail, "raw_data"):
                    to = list(mail.destinations)
                    sent.append({"id": mail.id, "to": to, "raw": mail.raw_data})
    return sent


services = DomainDispatcherApplication(create_backend_app)


def serve(environ, start_response):
    if environ["PATH_INFO"] != "/mails":
        return services(environ, start_response)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(mails()).encode()]


run_simple("127.0.0.1", int(sys.argv[1]), serve, threaded=True)
