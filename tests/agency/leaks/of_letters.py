"""Flows of letters and events that do not arrive, and what staff do about them."""

from dcss_core import Actor
from dcss_core.plugins import DeliveryFailed

from .scene import DISPATCH, TYPED

MANY = 12  # tries, after which a letter is given up


def undeliverable(scene):
    """Letters that every channel refuses, with the address in what it says, and that are sent again."""
    outbox, mail, clock = scene.agency.outbox, scene.mail, scene.clock
    address = scene.jane.email.reveal()
    yield lambda: scene.agency.accounts.register(scene.form())
    yield lambda: outbox.pending(by=DISPATCH)
    mail.always = RuntimeError(f"550 {address} has no mailbox")
    yield scene.dispatch
    mail.always = DeliveryFailed("the server is away", retryable=True)
    yield scene.dispatch
    mail.always = RuntimeError(address)
    for _ in range(MANY):
        clock.move(days=1)
        yield lambda: outbox.dispatch(by=DISPATCH)
    yield lambda: outbox.dead(by=DISPATCH)
    yield lambda: outbox.dead_letters(by=DISPATCH)
    yield lambda: outbox.dead_letters(by=DISPATCH, after=TYPED)
    yield lambda: outbox.dead_letters(by=Actor.system("another-job"))
    given_up = [each.message_id for each in outbox.dead_letters(by=DISPATCH)]
    yield lambda: outbox.send_again(["no-such-letter"], by=DISPATCH)
    yield lambda: outbox.send_again([], by=DISPATCH)
    yield lambda: outbox.send_again(given_up, by=DISPATCH)
    mail.always = None
    yield scene.dispatch


def not_taken(scene):
    """Events that a subscriber does not take, with a secret in what it says."""
    subscriber, dispatch = scene.outside.subscriber(), scene.agency.subscriptions.dispatch
    password = scene.jane.password.reveal()
    subscriber.script = [RuntimeError(password), ValueError(scene.jane.ssn.reveal(), password), None]
    for _ in range(4):
        yield lambda: dispatch(by=DISPATCH)
    yield lambda: dispatch(by=Actor.system("another-job"))


def letters_of(scene):
    """Every flow of letters and events."""
    yield from undeliverable(scene)
    yield from not_taken(scene)
