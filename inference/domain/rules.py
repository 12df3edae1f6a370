"""Every number that a score depends on, in one place, each with its unit and its reason.

The figures behind them are measured on synthetic contours and on vocadito; docs/scoring.md tells the story.
"""

from dataclasses import dataclass, replace
from enum import Enum

RULES_VERSION = "2026.6"  # changes with every rule that can change a score


class Level(Enum):
    KIND = "kind"
    NORMAL = "normal"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """One level's rules. Times in seconds, pitch in cents or semitones, shares 0..1."""

    level: Level = Level.NORMAL  # whose tolerances these are

    # The parts of the total.
    pitch_weight: float = 0.4
    rhythm_weight: float = 0.3
    lyrics_weight: float = 0.3
    golden_weight: float = 2.0  # of a golden note, in frames and onsets; UltraStar's rule: it is worth two
    sure_after_s: float = 10.0  # of written notes received: with less the confidence falls

    # Contours.
    hop_s: float = 0.010  # the grid on which contours are compared
    median_hops: int = 9  # removes octave blips and consonants, keeps notes of 100 ms
    vibrato_mean_hops: int = 19  # 190 ms is one period of a 5.3 Hz vibrato: its mean is the note
    glide_semitones: float = 2.4  # the vibrato's mean does not reach across a jump this wide
    brief_median_hops: int = 3  # in notes shorter than that period: removes a single blip, keeps syllables of 50 ms
    bridged_gap_s: float = 0.100  # a shorter silence is a consonant, not a rest

    # Credit of one frame.
    full_credit_cents: float = (
        35.0  # below this listeners hear a note as in tune (Geringer 2014: 25, more with vibrato)
    )
    no_credit_cents: float = 150.0  # Performous' rule: beyond a semitone and a half it is another note
    hit_cents: float = 50.0  # a frame nearer than this is drawn as a hit

    glide_s: float = 0.060  # a scoop or a consonant this close to good singing of the same note is no error
    breath_credit: float = 0.8  # mean of what is sung of a note, from which on silence in it is a breath:
    # speech is broken and now and then right
    free_breath_s: float = 0.200  # of silence in a note that is sung for longer than that: breathing costs nothing

    # Key and latency, one of each for a whole take.
    key_free: bool = True  # a constant transposition costs nothing
    key_gain: float = 0.08  # another key must earn this much more credit than the written one
    max_latency_s: float = 0.55  # phones, Bluetooth routes and pages stay below 0.5; consonants come on top
    placing_cents: tuple[float, float] = (35.0, 150.0)  # credit 1 and 0 while key and latency are sought, at any level
    latency_step_s: float = 0.010
    latency_prior: float = 0.04  # credit lost per second of latency: a repeated note must not attract the take

    max_drift_ppm: float = 2000.0  # two sound cards of 500 each and an adaptive resampler; a tempo is heard from 1 %
    drift_certainty: float = 4.0  # standard errors: an unsteady singer has no clock
    drift_least_onsets: int = 8  # fewer tell no clock
    drift_most_onsets: int = 400  # of which every pair tells a slope
    drift_apart_s: float = 1.0  # of two onsets at least: nearer ones tell of the singer
    rough_step_s: float = 0.02  # of the latencies that are tried with each clock
    rough_frames: int = 3000  # so many say which clock it is, however long the take
    drift_least_matched: float = 0.6  # of the sung onsets: who sings something else tells none either

    # Alignment.
    dtw_band_s: float = 0.250  # a note sung further away than this is a wrong note
    dtw_step_cost: float = 0.15  # semitones per off-diagonal step: keeps the path straight without a reason
    distance_cap_semitones: float = 3.0  # a wrong note is wrong, however far
    voicing_cost_semitones: float = 3.0  # silence against a note costs as much as a wrong note
    short_rest_semitones: float = 1.0  # a voice in a rest that is bridged in voices: no more than a consonant

    # Pitch.
    free_extra: float = 0.10  # singing in the rests is free up to this share of the written voiced time
    chance_melodies: int = 6  # other tunes on the same rhythm, whose mean credit is worth 0 points
    chance_talkers: int = 3  # voices that only speak in its rhythm; the mean of both kinds is luck
    chance_range_degrees: int = 5  # another tune wanders this far to either side of its tonic
    chance_syllable_s: float = 0.15
    chance_talk_semitones: float = 2.0  # sd of a speaking voice
    most_pitch_luck: float = 0.5  # raw credit: a song on two notes is luck for half
    steady_span_s: float = 0.100  # over which a sung pitch stays and a spoken one glides
    steady_semitones: float = 0.5
    steady_share: float = 0.55  # of the voice; singers 0.72 and more, speech 0.25 to 0.43: less is worth less
    steady_as_written: float = 0.80  # of the original voice's own share: ornaments that glide in it may glide in a take
    surely_sung: tuple[float, float] = (30.0, 60.0)  # points: from here gliding costs less, from there nothing
    least_received: float = 0.5  # a note or a line of which less was received is not judged by itself
    min_measured_s: float = 1.0  # with less written voiced time received a part is not measured

    # Notes found in a contour.
    new_note_cost_s: float = 0.080  # times one semitone: a new note must explain that much
    note_cost_cap_semitones: float = 2.0  # an outlier frame costs no more
    min_note_s: float = 0.060  # shorter than a sixteenth at 240 beats a minute: a glide, not a note

    note_level_semitones: float = 0.25  # grid of their pitches
    line_rest_s: float = 0.7  # a longer rest ends a line where no lines are written

    strike_frames: int = 3  # of silence at least: a consonant that strikes a note again
    strike_apart_frames: int = 5  # from a border of notes, else it is that border
    restruck_semitones: float = 0.8  # a nearer neighbour is the same note struck again
    border_reach_s: float = 0.090  # a border moves so far to where the voice steps: half of what the mean blurred

    # Rhythm.
    full_onset_s: float = 0.050  # MIREX tolerance, and the width of a beat of song.txt
    no_onset_s: float = 0.100  # nearly half a short note: displaced by more, another rhythm is sung
    offset_reach_s: float = 0.10  # what the latency of the pitch leaves open
    offset_step_s: float = 0.01
    offset_prior: float = 0.01  # credit per second: ties fall to no offset
    unsure_prior: float = 0.001  # ties fall to an onset that is no mere consonant
    contiguous_s: float = 0.1  # a note that follows this soon
    repeated_semitones: float = 1.0  # and is nearer than this leaves no trace in a legato contour
    unsung_share: float = 0.5  # of a note: with less singing than this it was missed, and hides no repetition
    rap_early_s: float = 0.1  # an onset this early may still be a rap note's
    rhythm_luck_late_s: float = 0.2  # the notes in another order begin as late or early as this
    rhythm_luck: float = 0.85  # of what the notes in another order earn: they would have to be sung in tune as well
    rhythm_luck_draws: int = 6  # other orders of the notes, whose mean is luck
    most_rhythm_luck: float = 0.6  # raw credit: even beats are met in any order, and can be sung well all the same
    steady_accuracy: float = 0.9  # mean credit of what was sung: from here on a wrong onset costs no more than itself
    unsteady_power: float = 2.5  # half the notes on time is half a song, all notes half on time is another rhythm
    in_tune_share: float = 0.6  # mean credit of a note whose onset the path may tell where the contour shows no step
    path_onset_s: float = 0.100  # the path may tell the onset of such a note better than a contour full of vibrato
    late_free_s: float = 0.150  # constant lateness that costs nothing where the route's latency is known
    late_none_s: float = 0.400  # at which nothing of the rhythm is left: a quarter note at 150 beats a minute
    near_note_semitones: float = 2.0  # an onset counts in full when its note is this near the written one
    far_note_semitones: float = 3.0  # and for nothing beyond: speech has onsets too
    onset_window_s: float = 0.050  # to either side of an onset, all of it received, else the onset is not asked for:
    # asked for where half of it was received, a good take lost 4 to 7 points with 5 % of the packets
    least_onsets_share: float = 0.25  # of the written onsets received: so few in time may be luck
    least_onsets: int = 3  # and so many, or all of a song of fewer: two intervals are the least rhythm
    sung_for_rhythm: float = 40.0  # pitch at which rhythm counts in full: a speaker in time is no singer

    # Lyrics.
    word_arrived: float = 0.75  # of a word's time: a packet or two lost leave it to be understood
    free_insertions: float = 0.10  # ad-libs are free up to this share of the words
    insertion_cost: float = 0.5  # of a word, for each ad-lib beyond
    accent_credit: float = 1.0  # of a word whose accent differs: it is the recogniser's spelling, not the singer's
    stray_cost: float = 0.5  # of a word, for each heard word that fits nowhere, once these outnumber the right ones:
    # of another song's words 4 % to 10 % fall into place by luck, and up to a third where it is longer
    few_hits: float = 0.20  # of the words; with fewer right ones a short word is worth nothing,
    short_word_letters: int = 3  # for "de", "la", "you" are in every song,
    telling_row: int = 4  # but in so many right words in a row, which are of one song only
    least_heard: float = 0.50  # share of the original voice heard, below which the take is not judged by it

    # Live.
    live_edge_s: float = 0.150  # sound this close to a note may fill it: latency and consonants move edges
    live_free_gap: float = 0.25  # of a note may be consonant or glide
    live_free_gap_s: float = 0.120  # and at most this much: glide_s on either side
    live_least_due: float = 0.5  # of what was received of a note: so much is asked for in any case
    live_set_back_s: float = 1.0  # a frame this much before the latest one: the song was set back
    live_grace_s: float = 0.30  # late data is waited for this long before a note is called over
    live_key_after_lines: int = 2  # the key is not chosen before so many lines are over
    live_key_voiced_s: float = 4.0  # nor on less singing
    live_key_alone_s: float = 12.0  # but on so much singing also where a song has one long line
    live_key_certain: float = 0.55  # credit of the new key, of the voiced time
    live_key_margin: float = 0.30  # and this much more than the present one
    live_settle_s: float = 0.30  # after which a frame's vibrato is centred: half a wave, and what may come late

    # Technique: told beside the score, never part of it.
    long_note_s: float = 0.4  # two waves of a vibrato: a shorter note shows none
    note_edges_s: tuple[float, float] = (0.06, 0.04)  # of a held note belong to the glides into it and out of it
    vibrato_rate_hz: tuple[float, float] = (4.0, 8.0)  # slower wavers, faster trembles (Sundberg 1987; Prame 1994)
    vibrato_extent_cents: tuple[float, float] = (15.0, 250.0)  # a smaller wave is a tracker's noise, a wider a trill
    vibrato_explains: float = 0.5  # share of the movement inside the note: jitter has no rate
    vibrato_cycles: float = 1.4  # of one note; fewer cannot be told from one bend
    vibrato_take_cycles: float = 4.0  # of all notes together: a wave or two is chance, and speakers have them too
    vibrato_window_s: float = 0.6  # in which the rate is one: it rises towards the end of a note (Prame 1994)
    vibrato_note_share: float = 0.4  # of a note's stretches: many notes begin straight
    # Over so long a network looks for one pitch, which flattens waves; measured on synthetic voices.
    tracker_window_s: tuple[tuple[str, float], ...] = (("crepe", 0.045), ("swift", 0.03))
    scoop_cents: tuple[float, float] = (60.0, 500.0)  # from so far below; further is another note or a tracker's octave
    scoop_reached_cents: float = 40.0  # so near, the note is reached
    scoop_s: float = 0.150  # a slower rise is a portamento
    attack_s: float = 0.100  # the part of a note that listeners hear as its beginning
    breath_s: tuple[float, float] = (0.15, 2.0)  # a shorter rest is a consonant, a longer one an interlude
    dynamics_percentiles: tuple[float, float] = (10.0, 90.0)  # of the level: a cough and a fade are no dynamics
    least_voiced_s: float = 1.0  # of singing: nothing is said of less


# What makes a level: how far from the note is still right, how far is nothing; the same of the beat.
TOLERANCES: dict[Level, dict[str, float]] = {
    Level.KIND: {
        "full_credit_cents": 60.0,
        "no_credit_cents": 200.0,
        "hit_cents": 80.0,
        "full_onset_s": 0.080,
        "no_onset_s": 0.150,
    },
    Level.NORMAL: {
        "full_credit_cents": 35.0,
        "no_credit_cents": 150.0,
        "hit_cents": 50.0,
        "full_onset_s": 0.050,
        "no_onset_s": 0.100,
    },
    Level.STRICT: {
        "full_credit_cents": 25.0,
        "no_credit_cents": 100.0,
        "hit_cents": 35.0,
        "full_onset_s": 0.040,
        "no_onset_s": 0.080,
    },
}


def rules_for(level: Level) -> ScoringRules:
    """Kind forgives a quarter tone more; strict wants a studio singer in the written key."""
    return at_level(ScoringRules(key_free=level is not Level.STRICT), level)


def at_level(rules: ScoringRules, level: Level) -> ScoringRules:
    """The same rules with the tolerances of a level."""
    return replace(rules, level=level, **TOLERANCES[level])  # type: ignore[arg-type]  # floats by name
