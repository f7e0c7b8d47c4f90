// A client as light as can be: it must not take the cores that the server needs.
import { connect } from "node:net";

/** A request for predictions of one task, ready to be sent. */
export function predictRequest(url, task, inputs) {
  const body = Buffer.from(JSON.stringify({ inputs }));
  const head = [
    `POST /v1/tasks/${task}/predict HTTP/1.1`,
    `host: ${url.host}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}

/** One connection that is kept open, with at most one request under way. */
export class Connection {
  #socket;
  #received = [];
  #missing = Number.POSITIVE_INFINITY;
  #answer;
  #waiting;
  #failure;

  constructor(url) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.on("data", (bytes) => this.#take(bytes));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("The server closed the connection.")));
  }

  /** Whether a request can be sent. */
  get isOpen() {
    return this.#failure === undefined;
  }

  /**
   * Sends a request; resolves to the status of the answer and the seconds in its `Retry-After` when
   * all of it has arrived, and rejects when the connection ends before.
   */
  send(request) {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(bytes) {
    if (this.#answer === undefined) this.#readHead(bytes);
    else this.#missing -= bytes.length;
    if (this.#missing > 0) return;
    const [answer, waiting] = [this.#answer, this.#waiting];
    this.#answer = undefined;
    this.#waiting = undefined;
    waiting.resolve(answer);
  }

  #readHead(bytes) {
    this.#received.push(bytes);
    const text = Buffer.concat(this.#received).toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.#received = [];
    const head = text.slice(0, end);
    const retryAfter = /^retry-after: (\d+)$/im.exec(head)?.[1];
    this.#answer = {
      status: Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)),
      retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
    };
    const length = Number(/^content-length: (\d+)$/im.exec(head)[1]);
    this.#missing = length - (text.length - end - "\r\n\r\n".length);
  }

  #fail(error) {
    this.#failure ??= error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
