/** Server-sent events over fetch: EventSource cannot send an Authorization header. */

import { asProblem, problemOf } from "./problem";

export interface ServerEvent {
  event: string;
  data: string;
}

/** Cuts a text stream into events (WHATWG HTML, "Interpreting an event stream"); `id` and `retry` are not used here. */
export class SseParser {
  private rest = "";
  private event = "";
  private data: string[] = [];

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.rest += text;
    // A lone CR at the end may be half of a CRLF: it waits for the next piece.
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.line(line, events);
    return events;
  }

  private line(line: string, events: ServerEvent[]): void {
    if (line === "") return this.dispatch(events);
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    if (field === "data") this.data.push(value);
  }

  private dispatch(events: ServerEvent[]): void {
    if (this.data.length > 0) events.push({ event: this.event || "message", data: this.data.join("\n") });
    this.event = "";
    this.data = [];
  }
}

/** Yields events until the server closes the stream; throws ApiProblem when it cannot be opened or breaks. */
export async function* readEvents(path: string, token: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  try {
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
    const response = await fetch(path, { headers, signal });
    if (!response.ok) throw await problemOf(response);
    if (!response.body) return;
    const parser = new SseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } catch (error) {
    throw asProblem(error);
  }
}
