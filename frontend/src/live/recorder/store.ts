/** Recordings in IndexedDB, which survives a reload. Nothing leaves it but what the server lacks. */

import { expired, toDrop, type KeptTake } from "./room";
import type { Chunk } from "./tape";

interface ChunkRow {
  readonly session_id: string;
  readonly seq: number;
  readonly songS: number;
  readonly pcm: ArrayBuffer;
  readonly microphone?: number; // a recording of an older page has one
}

interface TakeRow extends KeptTake {
  readonly chunks: number;
}

const NAME = "voicejury-recordings";
const TAKES = "takes";
const CHUNKS = "chunks";

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
    transaction.onerror = () => reject(transaction.error ?? new Error("IndexedDB"));
  });
}

function chunksOf(sessionId: string): IDBKeyRange {
  return IDBKeyRange.bound([sessionId, 0], [sessionId, Number.POSITIVE_INFINITY]);
}

export class RecordingStore {
  private constructor(private readonly database: IDBDatabase) {}

  /** Rejects where the browser keeps nothing, as in some private windows. */
  static async open(): Promise<RecordingStore> {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(TAKES, { keyPath: "session_id" });
      request.result.createObjectStore(CHUNKS, { keyPath: ["session_id", "seq"] });
    };
    const store = new RecordingStore(await answered(request));
    await store.sweep(Date.now());
    return store;
  }

  /** False when there is no room left for this take. Rejects when the disk takes no more. */
  async add(sessionId: string, { songS, pcm, microphone }: Chunk): Promise<boolean> {
    const transaction = this.database.transaction([TAKES, CHUNKS], "readwrite", { durability: "relaxed" });
    const takes = transaction.objectStore(TAKES);
    const known = (await answered(takes.getAll())) as TakeRow[];
    const own = known.find((take) => take.session_id === sessionId);
    const dropped = toDrop(known, sessionId, pcm.byteLength);
    if (dropped === null) return false;
    for (const session of dropped) this.drop(transaction, session);
    const row: ChunkRow = { session_id: sessionId, seq: own?.chunks ?? 0, songS, pcm: pcm.buffer, microphone };
    transaction.objectStore(CHUNKS).put(row);
    const take: TakeRow = {
      session_id: sessionId,
      began_ms: own?.began_ms ?? Date.now(),
      bytes: (own?.bytes ?? 0) + pcm.byteLength,
      chunks: row.seq + 1,
    };
    takes.put(take);
    await done(transaction);
    return true;
  }

  async has(sessionId: string): Promise<boolean> {
    return (await answered(this.database.transaction(TAKES).objectStore(TAKES).count(sessionId))) > 0;
  }

  /** In the order in which they were recorded. */
  async chunks(sessionId: string): Promise<Chunk[]> {
    const request = this.database.transaction(CHUNKS).objectStore(CHUNKS).getAll(chunksOf(sessionId));
    const rows = (await answered(request)) as ChunkRow[];
    return rows.map(({ songS, pcm, microphone = 0 }) => ({ songS, pcm: new Int16Array(pcm), microphone }));
  }

  async forget(sessionId: string): Promise<void> {
    const transaction = this.database.transaction([TAKES, CHUNKS], "readwrite");
    this.drop(transaction, sessionId);
    await done(transaction);
  }

  close(): void {
    this.database.close();
  }

  private async sweep(nowMs: number): Promise<void> {
    const transaction = this.database.transaction([TAKES, CHUNKS], "readwrite");
    const known = (await answered(transaction.objectStore(TAKES).getAll())) as TakeRow[];
    for (const session of expired(known, nowMs)) this.drop(transaction, session);
    await done(transaction);
  }

  private drop(transaction: IDBTransaction, sessionId: string): void {
    transaction.objectStore(TAKES).delete(sessionId);
    transaction.objectStore(CHUNKS).delete(chunksOf(sessionId));
  }
}
