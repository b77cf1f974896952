// Package trace carries one id across processes, so that a whole story (a missed ping,
// the proxies, the verdict, its spreading) can be picked from the logs of all nodes. It
// speaks the W3C header traceparent, so other people's tools may start or join a story.
package trace

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"
)

// ID names one story. The zero ID means "none".
type ID [16]byte

// New returns a random ID that is not zero. Chance is enough: an ID is a label, not a
// secret.
func New() ID {
	var id ID
	for id.IsZero() {
		binary.BigEndian.PutUint64(id[:8], rand.Uint64())
		binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	}
	return id
}

// String is the ID as 32 hexadecimal digits, as it stands in the logs.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero says whether there is no ID.
func (id ID) IsZero() bool { return id == ID{} }

// A traceparent is 00-<trace, 32 digits>-<span, 16 digits>-<flags, 2 digits>.
const (
	version   = "00-"
	traceEnd  = len(version) + 32
	spanStart = traceEnd + 1
	spanEnd   = spanStart + 16
	flagStart = spanEnd + 1
	length    = flagStart + 2
)

// Format returns the traceparent of one call that belongs to id. The span is new for each
// call, and the flag says "sampled", since nothing here is ever left out.
func Format(id ID) string {
	b := make([]byte, 0, length)
	b = append(b, version...)
	b = hex.AppendEncode(b, id[:])
	b = append(b, '-')
	b = hex.AppendEncode(b, binary.BigEndian.AppendUint64(nil, rand.Uint64()|1)) // a zero span is invalid
	return string(append(b, "-01"...))
}

// Parse reads a traceparent of version 00. Anything that is not one, to the letter, gives
// false: a caller with a broken tracer is served like a caller without one.
func Parse(s string) (ID, bool) {
	if len(s) != length || !strings.HasPrefix(s, version) || s[traceEnd] != '-' || s[spanEnd] != '-' {
		return ID{}, false
	}
	trace, span, flags := s[len(version):traceEnd], s[spanStart:spanEnd], s[flagStart:]
	if !lowerHex(trace) || !lowerHex(span) || !lowerHex(flags) || strings.Trim(span, "0") == "" {
		return ID{}, false
	}
	var id ID
	_, _ = hex.Decode(id[:], []byte(trace)) // cannot fail: lowerHex has looked
	return id, !id.IsZero()
}

// lowerHex is stricter than hex.Decode, which takes capitals; the standard does not.
func lowerHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

type key struct{}

// NewContext returns a context whose work belongs to id.
func NewContext(ctx context.Context, id ID) context.Context {
	return context.WithValue(ctx, key{}, id)
}

// FromContext returns the ID that ctx belongs to, zero if none.
func FromContext(ctx context.Context) ID {
	id, _ := ctx.Value(key{}).(ID)
	return id
}
