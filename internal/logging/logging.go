// Package logging makes the one logger of a process.
package logging

import (
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Times are RFC 3339 with all digits, so that lines of several services can be merged by
// sorting them as text.
const (
	jsonTime    = "2006-01-02T15:04:05.000000000Z07:00"
	consoleTime = "2006-01-02T15:04:05.000000Z07:00"
)

// New returns a logger that writes one line per entry to w, without caller and stack. Each
// line says which service wrote it, such as node1-detector.
//
// level is debug, info, warn or error: entries below it are left out. format is console
// (time, LEVEL, service, message, then as one JSON object the fields that the message does
// not say) or json (ts, level, service, msg and all fields in one object; durations in
// seconds). Times are UTC.
func New(level, format, service string, w zapcore.WriteSyncer) (*zap.Logger, error) {
	lowest, err := parseLevel(level)
	if err != nil {
		return nil, err
	}
	core, err := newCore(format, zapcore.Lock(w), lowest)
	if err != nil {
		return nil, err
	}
	return zap.New(core).Named(service), nil
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

func newCore(format string, w zapcore.WriteSyncer, lowest zapcore.Level) (zapcore.Core, error) {
	cfg := zapcore.EncoderConfig{
		TimeKey:    "ts",
		LevelKey:   "level",
		NameKey:    "service",
		MessageKey: "msg",
		LineEnding: zapcore.DefaultLineEnding,
	}
	switch format {
	case "json":
		cfg.EncodeTime = utc(jsonTime)
		cfg.EncodeLevel = zapcore.LowercaseLevelEncoder
		cfg.EncodeDuration = zapcore.SecondsDurationEncoder
		return zapcore.NewCore(zapcore.NewJSONEncoder(cfg), w, lowest), nil
	case "console":
		cfg.EncodeTime = utc(consoleTime)
		cfg.EncodeLevel = paddedLevel
		cfg.EncodeDuration = zapcore.StringDurationEncoder
		cfg.ConsoleSeparator = "  "
		return briefCore{zapcore.NewCore(zapcore.NewConsoleEncoder(cfg), w, lowest)}, nil
	}
	return nil, fmt.Errorf("logging: unknown format %q: use console or json", format)
}

// said are the fields that repeat what the message of their line says: programs want
// them, people do not.
var said = []string{"rpc", "from_component", "from_node", "to_component", "to_node", "event", "member"}

// briefCore leaves those fields out.
type briefCore struct{ zapcore.Core }

func (c briefCore) With(fields []zapcore.Field) zapcore.Core {
	return briefCore{c.Core.With(brief(fields))}
}

func (c briefCore) Check(e zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return checked.AddCore(e, c)
	}
	return checked
}

func (c briefCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	return c.Core.Write(e, brief(fields))
}

func brief(fields []zapcore.Field) []zapcore.Field {
	kept := make([]zapcore.Field, 0, len(fields))
	for _, f := range fields {
		if !slices.Contains(said, f.Key) {
			kept = append(kept, f)
		}
	}
	return kept
}

func utc(layout string) zapcore.TimeEncoder {
	return func(t time.Time, enc zapcore.PrimitiveArrayEncoder) { enc.AppendString(t.UTC().Format(layout)) }
}

// paddedLevel gives all levels the same width, so that messages stand in one column.
func paddedLevel(l zapcore.Level, enc zapcore.PrimitiveArrayEncoder) {
	enc.AppendString(fmt.Sprintf("%-5s", l.CapitalString()))
}
