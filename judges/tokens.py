"""Lets the Python library `pyjwt` check and make bearer tokens.

Reads one question as JSON from stdin.
`{"token", "secret"}`: checks a token signed with HS256 and prints what it says as JSON.
`{"algorithm", "claims", "secret"?}`: makes a token and prints `{"token", "jwk"}` as JSON; without a
secret it is signed with a new key, whose public part is `jwk`.
Exit code 0: done. 1: the library refuses the token, reason on stderr.
2: the question was malformed or the library broke, so there is no verdict.
"""

import json
import sys
import traceback


def new_key(algorithm):
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    makers = {
        "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
    }
    return makers[algorithm]()


def make(jwt, question):
    algorithm = question["algorithm"]
    if "secret" in question:
        return {"token": jwt.encode(question["claims"], question["secret"], algorithm), "jwk": None}
    key = new_key(algorithm)
    public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    public["kid"] = f"{algorithm} of pyjwt"
    headers = {"kid": public["kid"]}
    return {"token": jwt.encode(question["claims"], key, algorithm, headers), "jwk": public}


def main() -> int:
    try:
        # Here, because a missing library would end with code 1, which means "refused".
        import jwt
    except ImportError:
        traceback.print_exc()
        return 2
    try:
        question = json.load(sys.stdin)
        if "token" in question:
            answer = jwt.decode(question["token"], question["secret"], algorithms=["HS256"])
        else:
            answer = make(jwt, question)
    except jwt.InvalidTokenError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        return 2
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
