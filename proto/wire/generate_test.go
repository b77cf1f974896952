package wire_test

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/wire"
)

// Generators of good values, their limits included. Lists and maps without entries are
// nil, as the Parse functions return them.

func ids() *rapid.Generator[swim.NodeID] {
	return rapid.Custom(func(t *rapid.T) swim.NodeID {
		return swim.NodeID(rapid.StringMatching(`[0-9]{1,3}|[A-Za-z0-9._-]{1,64}`).Draw(t, "id"))
	})
}

func optionalIDs() *rapid.Generator[swim.NodeID] {
	return rapid.OneOf(rapid.Just(swim.NodeID("")), ids())
}

func addresses() *rapid.Generator[swim.Address] {
	return rapid.Custom(func(t *rapid.T) swim.Address {
		host := rapid.OneOf(
			rapid.StringMatching(`[A-Za-z0-9._-]{1,253}`),
			rapid.StringMatching(`10\.0\.[0-9]\.[1-9]`),
			rapid.StringMatching(`\[(::1|fe80::[1-9a-f]{1,4}(%eth0)?|2001:db8::[1-9]:[1-9])\]`),
		).Draw(t, "host")
		return swim.Address(fmt.Sprintf("%s:%d", host, rapid.IntRange(1, 65535).Draw(t, "port")))
	})
}

func optionalAddresses() *rapid.Generator[swim.Address] {
	return rapid.OneOf(rapid.Just(swim.Address("")), addresses())
}

func texts() *rapid.Generator[string] { return printable(0, wire.MaxTextBytes) }

// printable draws UTF-8 without control characters.
func printable(minRunes, maxBytes int) *rapid.Generator[string] {
	return rapid.StringN(minRunes, -1, maxBytes).Filter(func(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) })
}

func tags() *rapid.Generator[map[string]string] {
	return rapid.Custom(func(t *rapid.T) map[string]string {
		drawn := rapid.MapOfN(printable(1, wire.MaxTagKeyBytes), printable(0, wire.MaxTagValueBytes), 0, 4).Draw(t, "tags")
		if len(drawn) == 0 {
			return nil
		}
		return drawn
	})
}

func recordStates() *rapid.Generator[swim.State] {
	return rapid.Map(rapid.IntRange(int(swim.Alive), int(swim.Forgotten)), func(n int) swim.State { return swim.State(n) })
}

func evidence() *rapid.Generator[swim.Evidence] {
	return rapid.Map(rapid.IntRange(int(swim.Acked), int(swim.None)), func(n int) swim.Evidence { return swim.Evidence(n) })
}

func incarnations() *rapid.Generator[swim.Incarnation] {
	return rapid.Map(rapid.Uint64Max(uint64(swim.MaxIncarnation)), func(n uint64) swim.Incarnation { return swim.Incarnation(n) })
}

func instances() *rapid.Generator[swim.Instance] {
	return rapid.Map(rapid.Uint64Min(1), func(n uint64) swim.Instance { return swim.Instance(n) })
}

func anyInstance() *rapid.Generator[swim.Instance] {
	return rapid.OneOf(rapid.Just(swim.Instance(0)), instances())
}

func probeIntervals() *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.Int64Range(1, int64(wire.MaxProbeInterval)), func(n int64) time.Duration { return time.Duration(n) })
}

func records() *rapid.Generator[swim.Member] {
	return rapid.Custom(func(t *rapid.T) swim.Member {
		return swim.Member{
			ID:                  ids().Draw(t, "id"),
			State:               recordStates().Draw(t, "state"),
			Incarnation:         incarnations().Draw(t, "incarnation"),
			Instance:            instances().Draw(t, "instance"),
			Reason:              swim.Reason(rapid.IntRange(0, int(swim.ForgottenByHand)).Draw(t, "reason")),
			Accuser:             optionalIDs().Draw(t, "accuser"),
			DetectorAddress:     addresses().Draw(t, "detector address"),
			DisseminatorAddress: addresses().Draw(t, "disseminator address"),
			OwnAddress:          rapid.Bool().Draw(t, "own address"),
			ProbeInterval:       probeIntervals().Draw(t, "probe interval"),
			Tags:                tags().Draw(t, "tags"),
			Zone:                texts().Draw(t, "zone"),
			Version:             texts().Draw(t, "version"),
		}
	})
}

// contacts draws contacts that were never met, and such that said more.
func contacts() *rapid.Generator[swim.Member] {
	return rapid.Custom(func(t *rapid.T) swim.Member {
		if rapid.Bool().Draw(t, "never met") {
			return swim.Member{State: swim.Contact, DetectorAddress: addresses().Draw(t, "detector address")}
		}
		m := records().Draw(t, "contact")
		m.State = swim.Contact
		m.ID = optionalIDs().Draw(t, "id")
		m.DisseminatorAddress = optionalAddresses().Draw(t, "disseminator address")
		m.Instance = anyInstance().Draw(t, "instance")
		return m
	})
}

func optionalRecords() *rapid.Generator[swim.Member] {
	return rapid.OneOf(rapid.Just(swim.Member{}), records())
}

// distinct draws up to 4 values that differ in key.
func distinct[V any](values *rapid.Generator[V], key func(V) string) *rapid.Generator[[]V] {
	return rapid.Custom(func(t *rapid.T) []V {
		drawn := rapid.SliceOfNDistinct(values, 0, 4, key).Draw(t, "list")
		if len(drawn) == 0 {
			return nil
		}
		return drawn
	})
}

func recordLists() *rapid.Generator[[]swim.Member] {
	return distinct(records(), func(m swim.Member) string { return string(m.ID) })
}

func tables() *rapid.Generator[[]swim.Member] {
	return distinct(rapid.OneOf(records(), contacts()), func(m swim.Member) string {
		if m.State == swim.Contact {
			return string(m.DetectorAddress)
		}
		return string(m.ID)
	})
}

func targets() *rapid.Generator[wire.Target] {
	return rapid.OneOf(
		rapid.Map(ids(), func(id swim.NodeID) wire.Target { return wire.Target{ID: id} }),
		rapid.Map(addresses(), func(a swim.Address) wire.Target { return wire.Target{Address: a} }),
	)
}

func digests() *rapid.Generator[swim.Digest] {
	return rapid.OneOf(
		rapid.Just(swim.Digest{}),
		rapid.Custom(func(t *rapid.T) swim.Digest {
			return swim.Digest{
				Hash: rapid.Uint64Min(1).Draw(t, "hash"),
				Age:  time.Duration(rapid.Int64Min(0).Draw(t, "age")),
			}
		}),
	)
}

func hashRanges() *rapid.Generator[*swim.HashRange] {
	return rapid.Custom(func(t *rapid.T) *swim.HashRange {
		r := swim.HashRange{From: rapid.Uint64Max(math.MaxUint64-1).Draw(t, "from")}
		if rapid.Bool().Draw(t, "with an end") {
			r.To = rapid.Uint64Min(r.From+1).Draw(t, "to")
		}
		return &r
	})
}

func confirmations() *rapid.Generator[[]swim.Confirmation] {
	one := rapid.Custom(func(t *rapid.T) swim.Confirmation {
		return swim.Confirmation{
			ID:          ids().Draw(t, "member"),
			Incarnation: incarnations().Draw(t, "incarnation"),
			Instance:    instances().Draw(t, "instance"),
			Heard:       rapid.Bool().Draw(t, "heard"),
			CrashSeen:   rapid.Bool().Draw(t, "crash seen"),
		}
	})
	return distinct(one, func(f swim.Confirmation) string { return string(f.ID) })
}

func summaries() *rapid.Generator[swim.Summary] {
	return rapid.Map(records(), swim.Member.Summary)
}

func paths() *rapid.Generator[swim.Path] {
	return rapid.Custom(func(t *rapid.T) swim.Path {
		return swim.Path{Proxy: optionalIDs().Draw(t, "proxy"), Evidence: evidence().Draw(t, "evidence")}
	})
}

func reports() *rapid.Generator[wire.Report] {
	return rapid.Custom(func(t *rapid.T) wire.Report {
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 3:
			return wire.PingMissed{
				Member:      ids().Draw(t, "member"),
				Incarnation: incarnations().Draw(t, "incarnation"),
				Instance:    instances().Draw(t, "instance"),
			}
		case 5:
			return wire.Heard{
				Member:      ids().Draw(t, "member"),
				Incarnation: incarnations().Draw(t, "incarnation"),
				Instance:    instances().Draw(t, "instance"),
			}
		case 4:
			return wire.ViewsDiffer{Peer: ids().Draw(t, "peer")}
		case 0:
			return wire.Unreachable{
				Member:      ids().Draw(t, "member"),
				Incarnation: incarnations().Draw(t, "incarnation"),
				Instance:    instances().Draw(t, "instance"),
				Paths:       distinct(paths(), func(p swim.Path) string { return string(p.Proxy) }).Draw(t, "paths"),
			}
		case 1:
			return wire.Reached{Address: addresses().Draw(t, "address"), Responder: optionalRecords().Draw(t, "responder")}
		default:
			return wire.Missed{Address: addresses().Draw(t, "address"), Evidence: evidence().Draw(t, "evidence")}
		}
	})
}

// ranges draws none, or ranges that are not empty.
func ranges() *rapid.Generator[*wire.Range] {
	return rapid.Custom(func(t *rapid.T) *wire.Range {
		if rapid.Bool().Draw(t, "without range") {
			return nil
		}
		r := &wire.Range{From: optionalIDs().Draw(t, "from"), To: optionalIDs().Draw(t, "to")}
		if r.To != "" && r.To < r.From {
			r.From, r.To = r.To, r.From
		}
		if r.From == r.To {
			r.To = ""
		}
		return r
	})
}

func statuses() *rapid.Generator[wire.NodeStatus] {
	return rapid.Custom(func(t *rapid.T) wire.NodeStatus {
		return wire.NodeStatus{
			ID:          ids().Draw(t, "id"),
			Cluster:     texts().Draw(t, "cluster"),
			Instance:    instances().Draw(t, "instance"),
			Incarnation: incarnations().Draw(t, "incarnation"),
			Version:     texts().Draw(t, "version"),
			Detector:    rapid.SampledFrom([]string{"", "up", "no lease for 1.5 s"}).Draw(t, "detector"),
			Digest:      digests().Draw(t, "digest"),

			PartitionSuspected: rapid.Bool().Draw(t, "partition suspected"),
		}
	})
}

// times draws every time that a protobuf timestamp can hold.
func times() *rapid.Generator[time.Time] {
	first, last := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	return rapid.Custom(func(t *rapid.T) time.Time {
		seconds := rapid.Int64Range(first.Unix(), last.Unix()).Draw(t, "seconds")
		return time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC()
	})
}

// many returns n rows that differ in id and address.
func many(n int) []swim.Member {
	members := make([]swim.Member, n)
	for i := range members {
		members[i] = smallRecord(swim.NodeID(fmt.Sprint(i + 1)))
	}
	return members
}

func smallRecord(id swim.NodeID) swim.Member {
	return swim.Member{
		ID: id, State: swim.Alive, Incarnation: 1, Instance: 1, ProbeInterval: time.Second,
		DetectorAddress: swim.Address("node" + id + ":50051"), DisseminatorAddress: swim.Address("node" + id + ":50061"),
	}
}

// largeRecord has every field at its limit.
func largeRecord(n int) swim.Member {
	text := func(length int, last int) string { return fmt.Sprintf("%0*d", length, last) }
	m := swim.Member{
		ID: swim.NodeID(text(wire.MaxIDLength, n)), State: swim.Suspect, Reason: swim.Unreachable,
		Incarnation: swim.MaxIncarnation, Instance: 1<<64 - 1, OwnAddress: true,
		Accuser:             swim.NodeID(text(wire.MaxIDLength, 0)),
		DetectorAddress:     swim.Address(text(wire.MaxAddressBytes-6, n) + ":50051"),
		DisseminatorAddress: swim.Address(text(wire.MaxAddressBytes-6, n) + ":50061"),
		ProbeInterval:       wire.MaxProbeInterval - 1, Tags: map[string]string{},
		Zone: text(wire.MaxTextBytes, 0), Version: text(wire.MaxTextBytes, 0),
	}
	for i := range wire.MaxTags {
		m.Tags[text(wire.MaxTagKeyBytes, i)] = text(wire.MaxTagValueBytes, i)
	}
	return m
}
