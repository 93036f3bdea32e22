"""How many tokens are turned into sound at once: hops end on chunk boundaries, and so are exact.

Boundaries lie every CHUNK_TOKENS tokens, counted from the prompt's first. If a prompt ends 15 tokens past a boundary,
the first exact hop is 10 tokens long: 13 with their look-ahead, 240 ms of sound. Pure.
"""

from __future__ import annotations

from typing import Final

from ..release.model_facts import CHUNK_TOKENS, LOOKAHEAD_TOKENS

# Chunks in a hop by the playback lead, seconds. Long hops cost the vocoder less, because it decodes 30 frames of
# context again in each hop; short hops are ready sooner.
_HOPS: Final = ((1.5, 1), (4.0, 2))
_HOPS_UNDER_PRESSURE: Final = ((0.75, 1), (1.5, 2))
LONGEST_HOP: Final = 4


def first_hop_end(prompt_tokens: int, token_hop_len: int) -> int:
    """Find where the first hop ends.

    Args:
        prompt_tokens: in the flow's prompt.
        token_hop_len: the first hop's least length in tokens; the next exact length is taken.

    Returns:
        The number of chunks, the prompt's included.
    """
    return -(-(prompt_tokens + max(1, token_hop_len)) // CHUNK_TOKENS)


def first_hop_tokens(prompt_tokens: int, token_hop_len: int) -> int:
    """Count the tokens behind the prompt that the first hop takes, its look-ahead included; arguments as above."""
    return first_hop_end(prompt_tokens, token_hop_len) * CHUNK_TOKENS + LOOKAHEAD_TOKENS - prompt_tokens


def whole_prompt_chunks(prompt_tokens: int) -> int:
    """Count the chunks that depend on a prompt alone, their look-ahead included: all its streams share them."""
    return solvable_chunks(prompt_tokens, is_complete=False)


def solvable_chunks(tokens: int, *, is_complete: bool) -> int:
    """Count the chunks, from the prompt's start, for which all tokens and the look-ahead are there.

    Args:
        tokens: known so far, the prompt's included.
        is_complete: no more tokens will come, so the last chunk may be a partial one.
    """
    return -(-tokens // CHUNK_TOKENS) if is_complete else max(0, tokens - LOOKAHEAD_TOKENS) // CHUNK_TOKENS


def next_hop_end(
    sounded: int, solvable: int, first_end: int, lead_s: float, *, is_complete: bool, is_pressed: bool = False
) -> int | None:
    """Choose the next hop.

    Args:
        sounded: chunks turned into sound so far, the prompt's included.
        solvable: see ``solvable_chunks``.
        first_end: see ``first_hop_end``.
        lead_s: how much sound the listener has ahead.
        is_complete: no more tokens will come.
        is_pressed: the GPU is short of time, so hops are as long as the lead allows.

    Returns:
        The number of chunks at the hop's end; None while too few are solvable.
    """
    if solvable <= sounded or (solvable < first_end and not is_complete):
        return None
    if sounded < first_end:
        return min(first_end, solvable)
    hops = _HOPS_UNDER_PRESSURE if is_pressed else _HOPS
    length = next((length for lead, length in hops if lead_s < lead), LONGEST_HOP)
    return min(sounded + length, solvable)
