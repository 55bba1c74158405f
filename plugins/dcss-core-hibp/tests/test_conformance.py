"""The check of Have I Been Pwned keeps the contract of a breach check."""

import pytest

from dcss_core.testing import BreachCheckConformance
from dcss_core_hibp import open_hibp


class TestHibpBreachCheck(BreachCheckConformance):
    def breach_check_to(self, port):
        return open_hibp(f"hibp+http://127.0.0.1:{port}")

    @pytest.fixture
    def breach_check(self, far_side):
        # printf trustno1 | sha1sum: e68e11be8b70e435c65aef8ba9798ff7775c361e
        far_side.ranges["E68E1"] = b"1BE8B70E435C65AEF8BA9798FF7775C361E:314159\r\n"
        check = open_hibp(f"hibp+http://127.0.0.1:{far_side.port}")
        yield check
        check.close()

    @pytest.fixture
    def unavailable(self, closed_port):
        check = open_hibp(f"hibp+http://127.0.0.1:{closed_port}")
        yield check
        check.close()

    @pytest.fixture
    def sent(self, far_side):
        return lambda: bytes(far_side.sent)
