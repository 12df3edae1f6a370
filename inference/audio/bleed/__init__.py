"""The backing that a loudspeaker puts into the microphone, cancelled: the song's own sound is known to the sample.

docs/decisions/0016 tells the method. All of it is causal or looks a fixed time ahead, and depends on the samples alone:
however a take comes, in packets or at once, what is left of it is the same to the bit.
"""
