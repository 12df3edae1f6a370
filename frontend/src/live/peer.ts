/** One RTCPeerConnection: the voice up, judgements down on two data channels. */

export interface PeerEvents {
  /** A data-channel message as it arrived; epochMs is the phone's clock at that moment. */
  message(bytes: Uint8Array, epochMs: number): void;
  /** The control channel is open: there is somebody to talk to. */
  opened(): void;
  failed(): void;
}

export interface PeerOptions {
  iceServers: RTCIceServer[];
  stream: MediaStream;
  /** Carries the offer to the server and returns its answer. */
  exchange(sdp: string): Promise<string>;
  events: PeerEvents;
}

const VOICE_BITRATE = 64_000;

export class Peer {
  private readonly connection: RTCPeerConnection;
  private readonly control: RTCDataChannel;
  private readonly sender: RTCRtpSender;
  private closed = false;

  constructor(private readonly options: PeerOptions) {
    this.connection = new RTCPeerConnection({ iceServers: options.iceServers, bundlePolicy: "max-bundle" });
    this.listen(this.connection.createDataChannel("pitch", { ordered: false, maxRetransmits: 0 }));
    this.control = this.connection.createDataChannel("control");
    this.listen(this.control);
    this.control.addEventListener("open", () => !this.closed && options.events.opened());
    this.sender = this.sendVoice(options.stream);
    this.connection.addEventListener("connectionstatechange", () => this.stateChanged());
  }

  /** The offer leaves without waiting for candidates: the server learns them from the checks. */
  async connect(): Promise<void> {
    await this.connection.setLocalDescription();
    const sdp = await this.options.exchange(this.connection.localDescription?.sdp ?? "");
    if (this.closed) return;
    await this.connection.setRemoteDescription({ type: "answer", sdp });
  }

  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.control.readyState !== "open") return false;
    this.control.send(bytes);
    return true;
  }

  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    await this.sender.replaceTrack(track);
  }

  close(): void {
    this.closed = true;
    this.connection.close();
  }

  private sendVoice(stream: MediaStream): RTCRtpSender {
    const [track] = stream.getAudioTracks();
    return this.connection.addTransceiver(track ?? "audio", {
      direction: "sendonly",
      streams: [stream],
      sendEncodings: [{ maxBitrate: VOICE_BITRATE }],
    }).sender;
  }

  private listen(channel: RTCDataChannel): void {
    channel.binaryType = "arraybuffer";
    channel.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
      const epochMs = performance.timeOrigin + performance.now();
      if (this.closed || typeof event.data === "string") return;
      this.options.events.message(new Uint8Array(event.data), epochMs);
    };
  }

  private stateChanged(): void {
    const state = this.connection.connectionState;
    if (!this.closed && (state === "failed" || state === "closed")) this.options.events.failed();
  }
}
