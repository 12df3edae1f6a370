/** Data-channel messages: one ToPhone or FromPhone each. */

import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";

import { FromPhoneSchema, ToPhoneSchema, type ToPhone } from "../gen/voicejury/v1/media_pb";

/** Null when the bytes do not parse: a bad message is dropped, never the end of the connection. */
export function decode(bytes: Uint8Array): ToPhone | null {
  try {
    return fromBinary(ToPhoneSchema, bytes);
  } catch {
    return null;
  }
}

type FromPhoneMessage = NonNullable<MessageInitShape<typeof FromPhoneSchema>["message"]>;

export function encode(message: FromPhoneMessage): Uint8Array<ArrayBuffer> {
  return toBinary(FromPhoneSchema, create(FromPhoneSchema, { message }));
}
