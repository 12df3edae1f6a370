"""What was heard of a line, as the page is told."""

from voicejury.v1 import live_pb2

from inference.domain.line_words import LineHeard, WordState

STATES = {
    None: live_pb2.WORD_STATE_UNSPECIFIED,
    WordState.HEARD: live_pb2.WORD_STATE_HEARD,
    WordState.LATE: live_pb2.WORD_STATE_LATE,
    WordState.WRONG: live_pb2.WORD_STATE_WRONG,
    WordState.MISSING: live_pb2.WORD_STATE_MISSING,
}


def words_message(heard: LineHeard, certainty: float, recogniser: str) -> live_pb2.LineWords:
    message = live_pb2.LineWords(phrase=heard.phrase, heard=" ".join(heard.heard), recogniser=recogniser)
    for number, state in enumerate(heard.states):
        message.words.add(word=number, state=STATES[state], certainty=certainty)
    return message
