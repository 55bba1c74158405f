"""A parents' portal in JSON, from the promised names alone: `python small_portal.py DATABASE KEYS PORT`.

It needs Flask. With `--test-people` never-issued Social Security numbers are let in.
"""

import sys

from flask import Flask, Response, jsonify, request

from dcss_core import Agency, CaseNumber, Month, Secret, Ssn, errors, json_converter, open_agency
from dcss_core.users import Answer, Registered, RegistrationForm, ResetConfirmed, SessionToken, SignedIn

JSON = json_converter()
Sent = tuple[Response, int]


def sent(value: object, status: int = 200) -> Sent:
    """A value of the library as an HTTP answer."""
    return jsonify(JSON.unstructure(value)), status


def me() -> SessionToken:
    """Whoever asks, by the cookie that sign-in set."""
    return SessionToken(request.cookies.get("session", ""))


def portal(agency: Agency, *, test_people: bool = False) -> Flask:
    """The portal of an open agency; one process opens one agency and serves it with threads."""
    app = Flask(__name__)

    def ssn() -> Ssn:
        return Ssn(request.json.get("ssn", ""), accept_never_issued=test_people)

    def answers() -> tuple[Answer, ...]:
        return tuple(Answer(key, Secret(text)) for key, text in request.json.get("answers", {}).items())

    @app.errorhandler(errors.DcssError)
    def refused(error: errors.DcssError) -> Sent:
        faults = error.faults if isinstance(error, errors.InvalidInputError) else ()
        return sent({"code": error.code, "faults": faults}, errors.http_status(error))

    @app.post("/register")
    def register() -> Sent:
        given = {name: request.json[name] for name in ("user_id", "full_name", "birth_date", "irn")}
        password = Secret(request.json["password"])
        form = RegistrationForm(**given, password=password, ssn=ssn(), answers=answers())
        outcome = agency.accounts.register(form, source=request.remote_addr)
        return sent(outcome, 201 if isinstance(outcome, Registered) else 422)

    @app.get("/notice")
    def notice() -> Sent:
        banner = agency.accounts.banner()
        return sent({"text": banner.text, "version": banner.version})

    @app.post("/sign-in")
    def sign_in() -> Sent:
        given = (request.json["user_id"], Secret(request.json["password"]))
        outcome = agency.accounts.sign_in(*given, banner=request.json["notice"], source=request.remote_addr)
        if not isinstance(outcome, SignedIn):
            return sent({"outcome": type(outcome).__name__}, 401)
        answer, status = sent({"scope": outcome.session.scope})
        answer.set_cookie("session", outcome.token.reveal(), httponly=True, samesite="Strict")
        return answer, status

    @app.get("/cases/<number>/payments")
    def payments(number: str) -> Sent:
        return sent(agency.payments.history(CaseNumber(number), by=me(), after=request.args.get("after")))

    @app.get("/payments/<receipt_id>")
    def explanation(receipt_id: str) -> Sent:
        return sent({"explanation": str(agency.payments.explain(receipt_id, by=me())).splitlines()})

    @app.get("/cases/<number>/statement")
    def statement(number: str) -> Sent:
        first, last = Month.parse(request.args["first"]), Month.parse(request.args["last"])
        return sent(agency.payments.statement(CaseNumber(number), first=first, last=last, by=me()))

    @app.post("/recovery")
    def recovery() -> Sent:
        given = {"full_name": request.json["full_name"], "ssn": ssn(), "answers": answers()}
        outcome = agency.recovery.reset_password(**given, source=request.remote_addr)
        return sent({"outcome": type(outcome).__name__}, 200 if isinstance(outcome, ResetConfirmed) else 422)

    @app.post("/sign-out")
    def sign_out() -> Sent:
        return sent(agency.accounts.sign_out(me(), source=request.remote_addr))

    app.post("/questions")(lambda: sent(agency.recovery.questions(ssn(), source=request.remote_addr)))
    app.add_url_rule("/cases", "cases", lambda: sent(agency.cases.own(me())))
    app.add_url_rule(
        "/sessions", "sessions", lambda: sent([each.source for each in agency.sessions.own(me())])
    )
    return app


if __name__ == "__main__":
    database, keys, port = f"sqlite:///{sys.argv[1]}", sys.argv[2], int(sys.argv[3])
    with open_agency(database, jurisdiction="US-GA", keys=keys, channels=None) as opened:
        portal(opened, test_people="--test-people" in sys.argv).run("127.0.0.1", port, threaded=True)
