// Package logging makes the one logger of a process.
package logging

import (
	"fmt"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// timeLayout is RFC 3339 with all nine digits, so that lines of several services can be
// merged by sorting them as text.
const timeLayout = "2006-01-02T15:04:05.000000000Z07:00"

// New returns a logger that writes one line per entry to w, without caller and stack.
//
// level is debug, info, warn or error: entries below it are left out. format is console
// (time, LEVEL, message, then the fields as one JSON object, which is left out when there
// are none) or json (ts, level, msg and the fields in one object; durations in seconds).
// Times are UTC with nanoseconds in both.
func New(level, format string, w zapcore.WriteSyncer) (*zap.Logger, error) {
	lowest, err := parseLevel(level)
	if err != nil {
		return nil, err
	}
	encoder, err := newEncoder(format)
	if err != nil {
		return nil, err
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(w), lowest)), nil
}

// parseLevel is stricter than zap's own, which also takes fatal, panic and nothing.
func parseLevel(level string) (zapcore.Level, error) {
	for _, l := range []zapcore.Level{zapcore.DebugLevel, zapcore.InfoLevel, zapcore.WarnLevel, zapcore.ErrorLevel} {
		if l.String() == level {
			return l, nil
		}
	}
	return 0, fmt.Errorf("logging: unknown level %q: use debug, info, warn or error", level)
}

func newEncoder(format string) (zapcore.Encoder, error) {
	cfg := zapcore.EncoderConfig{
		TimeKey:    "ts",
		LevelKey:   "level",
		MessageKey: "msg",
		LineEnding: zapcore.DefaultLineEnding,
		EncodeTime: utc,
	}
	switch format {
	case "json":
		cfg.EncodeLevel = zapcore.LowercaseLevelEncoder
		cfg.EncodeDuration = zapcore.SecondsDurationEncoder
		return zapcore.NewJSONEncoder(cfg), nil
	case "console":
		cfg.EncodeLevel = paddedLevel
		cfg.EncodeDuration = zapcore.StringDurationEncoder
		cfg.ConsoleSeparator = "  "
		return zapcore.NewConsoleEncoder(cfg), nil
	}
	return nil, fmt.Errorf("logging: unknown format %q: use console or json", format)
}

func utc(t time.Time, enc zapcore.PrimitiveArrayEncoder) {
	enc.AppendString(t.UTC().Format(timeLayout))
}

// paddedLevel gives all levels the same width, so that messages stand in one column.
func paddedLevel(l zapcore.Level, enc zapcore.PrimitiveArrayEncoder) {
	enc.AppendString(fmt.Sprintf("%-5s", l.CapitalString()))
}
