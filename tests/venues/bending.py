"""Ways to bend the way out of ccxt's clients after they were opened: addresses, ports, proxies, sessions."""

from typing import Any

EVIL = "evil.example"


def _other_urls(client: Any) -> None:
    client.urls["api"] = moved(client.urls["api"])


def moved(tree: Any) -> Any:
    """Return addresses with another host."""
    if isinstance(tree, dict):
        return {name: moved(branch) for name, branch in tree.items()}
    return f"https://{EVIL}"


def _user_in_urls(client: Any) -> None:
    client.urls["api"] = dict.fromkeys(client.urls["api"], f"https://{EVIL}\\@api")


def _plain_text(client: Any) -> None:
    client.urls["api"] = swapped(client.urls["api"], "https://", "http://")


def _other_port(client: Any) -> None:
    client.urls["api"] = swapped(client.urls["api"], ".com", ".com:8443")
    client.hostname = f"{client.hostname}:8443"


def swapped(tree: Any, old: str, new: str) -> Any:
    """Return addresses with a part replaced."""
    if isinstance(tree, dict):
        return {name: swapped(branch, old, new) for name, branch in tree.items()}
    return str(tree).replace(old, new)


def _proxy_url(client: Any) -> None:
    client.proxyUrl = f"https://{EVIL}/?"


def _http_proxy(client: Any) -> None:
    client.httpProxy = f"http://{EVIL}:3128"


def _https_proxy(client: Any) -> None:
    client.httpsProxy = f"http://{EVIL}:3128"


def _socks_proxy(client: Any) -> None:
    client.socksProxy = f"socks5://{EVIL}:1080"


def _aiohttp_proxy(client: Any) -> None:
    client.aiohttp_proxy = f"http://{EVIL}:3128"


def _environment(client: Any) -> None:
    client.aiohttp_trust_env, client.verify = True, False
    client.session = None


CHANGES = (
    _other_urls,
    _user_in_urls,
    _plain_text,
    _other_port,
    _proxy_url,
    _http_proxy,
    _https_proxy,
    _socks_proxy,
    _aiohttp_proxy,
    _environment,
)
