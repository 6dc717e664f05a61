import {createLogger, format, transports} from 'winston';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of one line besides time, level and message. Never secrets, never whole objects. */
export type Fields = Record<string, string | number | boolean | undefined>;

export type Log = {
  error: (message: string, fields?: Fields) => void;
  warn: (message: string, fields?: Fields) => void;
  info: (message: string, fields?: Fields) => void;
  debug: (message: string, fields?: Fields) => void;
  /** The same log with these fields on every line. */
  with: (fields: Fields) => Log;
};

type Sink = {log: (level: string, message: string, fields: Fields) => unknown};

const wrap = (sink: Sink, bound: Fields): Log => {
  const at = (level: LogLevel) => (message: string, fields?: Fields) => {
    sink.log(level, message, {...bound, ...fields});
  };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    with: fields => wrap(sink, {...bound, ...fields}),
  };
};

/** One JSON object a line, on the stream: time, level, message and the fields. */
export const createLog = (level: LogLevel, stream: NodeJS.WritableStream): Log =>
  wrap(
    createLogger({
      level,
      format: format.combine(format.timestamp(), format.json()),
      transports: [new transports.Stream({stream})],
    }),
    {},
  );

/** For callers that must not write anything. */
export const silentLog: Log = wrap({log: () => undefined}, {});
