package wire

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/swimpair/swim/proto/swim"
)

// FieldError says which field of a message breaks which rule. ToStatus makes it an
// InvalidArgument.
type FieldError struct {
	// Field is the path to the field, in the names of swim.proto: "members[3].incarnation".
	Field string
	// Problem is the rule, and what was sent instead.
	Problem string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// check collects the first fault of one message. Its methods take a field's name and what
// was sent, and return the plain value.
type check struct{ fault *FieldError }

func (c *check) fail(field, format string, args ...any) {
	if c.fault == nil {
		c.fault = &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
	}
}

// within takes over the fault of a message that stands in a field of this one.
func (c *check) within(field string, err error) {
	if inner, ok := err.(*FieldError); ok {
		c.fail(strings.TrimSuffix(field+"."+inner.Field, "."), "%s", inner.Problem)
	}
}

// checked is how every Parse function ends: nothing of a bad message comes out.
func checked[T any](c *check, value T) (T, error) {
	if c.fault != nil {
		var zero T
		return zero, c.fault
	}
	return value, nil
}

func (c *check) id(field, s string) swim.NodeID {
	if len(s) < 1 || len(s) > MaxIDLength || !plain(s) {
		c.fail(field, "an id has 1 to %d characters of [A-Za-z0-9._-], not %s", MaxIDLength, quote(s))
	}
	return swim.NodeID(s)
}

func (c *check) optionalID(field, s string) swim.NodeID {
	if s == "" {
		return ""
	}
	return c.id(field, s)
}

func (c *check) address(field, s string) swim.Address {
	if len(s) > MaxAddressBytes {
		c.fail(field, "an address has at most %d bytes, not %d", MaxAddressBytes, len(s))
		return ""
	}
	host, port, err := net.SplitHostPort(s)
	n, _ := strconv.Atoi(port)
	switch {
	case err != nil, !validHost(host), net.JoinHostPort(host, port) != s:
		c.fail(field, "an address is host:port, such as node1:50051 or [::1]:50051, not %s", quote(s))
	case n < 1 || n > 65535, strconv.Itoa(n) != port:
		c.fail(field, "a port is a number from 1 to 65535, not %s", quote(port))
	}
	return swim.Address(s)
}

func (c *check) optionalAddress(field, s string) swim.Address {
	if s == "" {
		return ""
	}
	return c.address(field, s)
}

// validHost accepts IP addresses and names of plain characters: no blank, no control
// character, and none that a dialler's target syntax could take for its own.
func validHost(host string) bool {
	if strings.Contains(host, ":") {
		ip, err := netip.ParseAddr(host)
		return err == nil && plain(ip.Zone())
	}
	return host != "" && plain(host)
}

// plain reports whether s has only characters of ids and host names.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		letterOrDigit := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letterOrDigit && r != '.' && r != '_' && r != '-'
	})
}

func (c *check) text(field, s string, maxBytes int) string {
	switch {
	case len(s) > maxBytes:
		c.fail(field, "at most %d bytes are allowed, not %d", maxBytes, len(s))
	case !utf8.ValidString(s):
		c.fail(field, "%s is not UTF-8", quote(s))
	case strings.ContainsFunc(s, unicode.IsControl): // it could forge lines in logs and terminals
		c.fail(field, "%s has control characters", quote(s))
	}
	return s
}

// tags returns nil for none, whether an empty map or no map was sent.
func (c *check) tags(field string, tags map[string]string) map[string]string {
	if len(tags) > MaxTags {
		c.fail(field, "a member has at most %d tags, not %d", MaxTags, len(tags))
	}
	if len(tags) == 0 || c.fault != nil {
		return nil
	}
	for key, value := range tags {
		if key == "" {
			c.fail(field, "the key of a tag is not empty")
		}
		c.text(field, key, MaxTagKeyBytes)
		c.text(field+"["+quote(key)+"]", value, MaxTagValueBytes)
	}
	return tags
}

func (c *check) incarnation(field string, n uint64) swim.Incarnation {
	if swim.Incarnation(n) > swim.MaxIncarnation {
		c.fail(field, "2^63 or more is reserved, not %d", n)
	}
	return swim.Incarnation(n)
}

// instance of a record, which always has one. In a question 0 means "any" and needs no check.
func (c *check) instance(field string, n uint64) swim.Instance {
	if n == 0 {
		c.fail(field, "a record states its instance, which is never 0")
	}
	return swim.Instance(n)
}

func (c *check) probeInterval(field string, sent *durationpb.Duration) time.Duration {
	d := sent.AsDuration()
	if sent.CheckValid() != nil || d <= 0 || d > MaxProbeInterval {
		c.fail(field, "a protocol period is above 0 and at most %s, not %s", MaxProbeInterval, d)
	}
	return d
}

// rows parses a list. The identity of each entry is unique in it; an entry whose identity
// is "" may repeat.
func rows[P, V any](c *check, field string, sent []P, parse func(P) (V, error), identity func(V) string) []V {
	if len(sent) > MaxRows {
		c.fail(field, "a message has at most %d of them, not %d: send the rest in another", MaxRows, len(sent))
	}
	if len(sent) == 0 || c.fault != nil {
		return nil
	}
	values := make([]V, 0, len(sent))
	first := make(map[string]int, len(sent))
	for i, p := range sent {
		value, err := parse(p)
		if err != nil {
			c.within(fmt.Sprintf("%s[%d]", field, i), err)
			return nil
		}
		if name := identity(value); name != "" {
			if j, twice := first[name]; twice {
				c.fail(fmt.Sprintf("%s[%d]", field, i), "%s stands in %s[%d] already", name, field, j)
				return nil
			}
			first[name] = i
		}
		values = append(values, value)
	}
	return values
}

// fromEach converts a list, and none to nil.
func fromEach[V, P any](values []V, convert func(V) P) []P {
	if len(values) == 0 {
		return nil
	}
	out := make([]P, len(values))
	for i, v := range values {
		out[i] = convert(v)
	}
	return out
}

// quote shows what was sent, safe to log and to print, and never much of it.
func quote(s string) string {
	const shown = 80
	if len(s) > shown {
		return strconv.Quote(s[:shown]) + "..."
	}
	return strconv.Quote(s)
}
