import { describe, expect, it } from "vitest";

import { SseParser, type ServerEvent } from "./sse";

function parse(...pieces: string[]): ServerEvent[] {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe("the event stream", () => {
  it("gives an event with its name when its empty line comes", () => {
    expect(parse('event: state\ndata: {"state":"judging"}\n')).toEqual([]);
    expect(parse('event: state\ndata: {"state":"judging"}\n\n')).toEqual([{ event: "state", data: '{"state":"judging"}' }]);
  });

  it("is the same however the network cuts it", () => {
    const text = "event: juror\r\ndata: a\r\ndata: b\r\n\r\n: still here\n\nevent: verdict\ndata: c\n\n";
    const whole = parse(text);
    expect(whole).toEqual([
      { event: "juror", data: "a\nb" },
      { event: "verdict", data: "c" },
    ]);
    expect(parse(...text)).toEqual(whole);
  });

  it("passes over heartbeats and unknown fields", () => {
    expect(parse(": still here\n\nid: 7\nretry: 5\n\n")).toEqual([]);
  });

  it("drops the event that the end of the stream cut off", () => {
    expect(parse("data: whole\n\ndata: ha")).toEqual([{ event: "message", data: "whole" }]);
  });
});
