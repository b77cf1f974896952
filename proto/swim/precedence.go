package swim

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
)

// Supersedes reports whether record a replaces record b of the same member. It is a
// strict total order over distinct records (SWIM 4.2, completed by our tie-breaks): the
// incarnation, then the state, then the instance, then the accuser, then the bytes. So two
// tables that have seen the same records hold the same one, in whatever order they came.
func Supersedes(a, b Member) bool { return Compare(a, b) > 0 }

// Compare orders two records of one member: +1 if a supersedes b, -1 if b supersedes a, 0
// if they are equal. No tags at all and an empty map of tags are equal.
func Compare(a, b Member) int {
	if order := cmp.Or(
		CompareSummaries(a.Summary(), b.Summary()),
		cmp.Compare(b.Accuser, a.Accuser), // of several accusers the lowest id leads
	); order != 0 || a.Equal(&b) {
		return order
	}
	return bytes.Compare(a.canonical(), b.canonical())
}

// CompareSummaries is Compare without the bytes: 0 means "the same, as far as summaries
// can tell".
func CompareSummaries(a, b Summary) int {
	return cmp.Or(
		cmp.Compare(a.Incarnation, b.Incarnation),
		cmp.Compare(a.State, b.State),
		cmp.Compare(a.Instance, b.Instance),
	)
}

// canonical encodes all that Compare has not compared yet, unambiguously and without map
// order.
func (m Member) canonical() []byte {
	var out []byte
	text := func(s string) {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	out = append(out, byte(m.Reason))
	text(string(m.DetectorAddress))
	text(string(m.DisseminatorAddress))
	if m.OwnAddress {
		out = append(out, 1)
	} else {
		out = append(out, 0)
	}
	out = binary.BigEndian.AppendUint64(out, uint64(m.ProbeInterval))
	text(m.Zone)
	text(m.Version)
	for _, key := range slices.Sorted(maps.Keys(m.Tags)) {
		text(key)
		text(m.Tags[key])
	}
	return out
}
