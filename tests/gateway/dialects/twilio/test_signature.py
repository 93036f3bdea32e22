import pytest

from sayline.gateway.dialects.opening import Opening
from sayline.gateway.dialects.twilio.signature import is_signed, sign

TOKENS = ("0123456789abcdef", "fedcba9876543210")


def signed(url, token=TOKENS[0]):
    return Opening(headers={"x-twilio-signature": sign(url, token)})


def test_it_is_the_signature_of_twilio_s_documentation():
    """Its example is a webhook: behind the address come the names and values of a form, which a handshake has not."""
    form = "CallSidCA1234567890ABCDECaller+14158675309Digits1234From+14158675309To+18005551212"
    signature = sign(f"https://mycompany.com/myapp.php?foo=1&bar=2{form}", "12345")
    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("wss://voice.example/v1/twilio", "voice.example/v1/twilio"),
        ("wss://voice.example/v1/twilio/", "voice.example/v1/twilio"),
        ("wss://voice.example:443/v1/twilio", "voice.example/v1/twilio"),
        ("wss://voice.example/v1/twilio", "voice.example:443/v1/twilio"),
        ("wss://voice.example:8443/v1/twilio", "voice.example:8443/v1/twilio"),
        ("wss://voice.example/v1/twilio", "voice.example:8443/v1/twilio"),
        ("wss://[::1]:8443/v1/twilio", "[::1]:8443/v1/twilio"),
        ("wss://[::1]/v1/twilio", "[::1]/v1/twilio"),
    ],
)
@pytest.mark.parametrize("token", TOKENS)
def test_an_address_may_be_signed_with_its_port_or_without_by_any_of_the_tokens(url, address, token):
    assert is_signed(signed(url, token), address, TOKENS)


@pytest.mark.parametrize(
    "opening",
    [
        Opening(),
        Opening(headers={"x-twilio-signature": ""}),
        Opening(headers={"x-twilio-signature": "é\udcff"}),
        signed("wss://voice.example/v1/twilio", "another token"),
        signed("wss://other.example/v1/twilio"),
        signed("wss://voice.example:8443/v1/twilio"),
        signed("wss://voice.example/v1/tts/stream"),
        signed("https://voice.example/v1/twilio"),
    ],
)
def test_nothing_else_is_a_signature_of_it(opening):
    assert not is_signed(opening, "voice.example/v1/twilio", TOKENS)
