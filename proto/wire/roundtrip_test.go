package wire_test

import (
	"math"
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// overTheWire encodes a message and decodes it into a new one.
func overTheWire[M proto.Message](t rapid.TB, sent M) M {
	t.Helper()
	bytes, err := proto.Marshal(sent)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	received := sent.ProtoReflect().New().Interface().(M)
	if err := proto.Unmarshal(bytes, received); err != nil {
		t.Fatalf("Unmarshal: %v", err)
	}
	return received
}

// survives checks that every value of the generator arrives as it was sent.
func survives[V any, M proto.Message](t *testing.T, values *rapid.Generator[V], encode func(V) M, parse func(M) (V, error)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		want := values.Draw(t, "value")
		got, err := parse(overTheWire(t, encode(want)))
		if err != nil {
			t.Fatalf("a good value is refused: %v", err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestRecordsContactsSummariesAndPathsSurviveTheWire(t *testing.T) {
	t.Run("record", func(t *testing.T) { survives(t, records(), wire.FromMember, wire.ToMember) })
	t.Run("record as row", func(t *testing.T) { survives(t, records(), wire.FromMember, wire.ToRow) })
	t.Run("contact", func(t *testing.T) { survives(t, contacts(), wire.FromMember, wire.ToRow) })
	t.Run("summary", func(t *testing.T) { survives(t, summaries(), wire.FromSummary, wire.ToSummary) })
	t.Run("path", func(t *testing.T) { survives(t, paths(), wire.FromPath, wire.ToPath) })
}

func TestPingsSurviveTheWire(t *testing.T) {
	t.Run("Ping", func(t *testing.T) { survives(t, pings(), wire.Ping.Proto, wire.ParsePing) })
	t.Run("PingAnswer", func(t *testing.T) { survives(t, pingAnswers(), wire.PingAnswer.Proto, wire.ParsePingAnswer) })
	t.Run("IndirectPing", func(t *testing.T) {
		survives(t, indirectPings(), wire.IndirectPing.Proto, wire.ParseIndirectPing)
	})
	t.Run("IndirectPingAnswer", func(t *testing.T) {
		survives(t, indirectPingAnswers(), wire.IndirectPingAnswer.Proto, wire.ParseIndirectPingAnswer)
	})
}

func TestADigestsAgeIsCutToWhatADurationHolds(t *testing.T) {
	sent := &swimpb.PingRequest{SenderId: "1", TargetId: "2", Digest: &swimpb.Digest{
		Hash: 7, Age: &durationpb.Duration{Seconds: 10_000_000_000}, // 317 years
	}}
	got, err := wire.ParsePing(overTheWire(t, sent))
	if want := (swim.Digest{Hash: 7, Age: math.MaxInt64}); err != nil || got.Digest != want {
		t.Errorf("got %v, %v, want %v", got.Digest, err, want)
	}
}

func TestDisseminationSurvivesTheWire(t *testing.T) {
	t.Run("Dissemination", func(t *testing.T) {
		survives(t, disseminations(), wire.Dissemination.Proto, wire.ParseDissemination)
	})
	t.Run("DisseminationAnswer", func(t *testing.T) {
		survives(t, disseminationAnswers(), wire.DisseminationAnswer.Proto, wire.ParseDisseminationAnswer)
	})
	t.Run("Join", func(t *testing.T) { survives(t, joins(), wire.Join.Proto, wire.ParseJoin) })
	t.Run("JoinAnswer", func(t *testing.T) { survives(t, joinAnswers(), wire.JoinAnswer.Proto, wire.ParseJoinAnswer) })
	t.Run("Sync", func(t *testing.T) { survives(t, syncs(), wire.Sync.Proto, wire.ParseSync) })
	t.Run("SyncAnswer", func(t *testing.T) { survives(t, syncAnswers(), wire.SyncAnswer.Proto, wire.ParseSyncAnswer) })
}

func TestMembershipSurvivesTheWire(t *testing.T) {
	t.Run("Lease", func(t *testing.T) { survives(t, leases(), wire.Lease.Proto, wire.ParseLease) })
	t.Run("List", func(t *testing.T) { survives(t, lists(), wire.List.Proto, wire.ParseList) })
	t.Run("Watch", func(t *testing.T) { survives(t, watches(), wire.Watch.Proto, wire.ParseWatch) })
	t.Run("Explain", func(t *testing.T) {
		survives(t, ids(), func(id swim.NodeID) *swimpb.ExplainRequest {
			return &swimpb.ExplainRequest{MemberId: string(id)}
		}, wire.ParseExplain)
	})
	t.Run("Forget", func(t *testing.T) {
		survives(t, ids(), func(id swim.NodeID) *swimpb.ForgetRequest {
			return &swimpb.ForgetRequest{MemberId: string(id)}
		}, wire.ParseForget)
	})
	t.Run("SetTags", func(t *testing.T) {
		survives(t, tags(), func(tags map[string]string) *swimpb.SetTagsRequest {
			return &swimpb.SetTagsRequest{Tags: tags}
		}, wire.ParseSetTags)
	})
}

func pings() *rapid.Generator[wire.Ping] {
	return rapid.Custom(func(t *rapid.T) wire.Ping {
		return wire.Ping{
			Sender: ids().Draw(t, "sender"), Target: targets().Draw(t, "target"),
			TargetInstance: anyInstance().Draw(t, "instance"), Nonce: rapid.Uint64().Draw(t, "nonce"),
			SenderInstance: anyInstance().Draw(t, "sender instance"),
			Digest:         digests().Draw(t, "digest"), DisseminatorDown: rapid.Bool().Draw(t, "down"),
		}
	})
}

func pingAnswers() *rapid.Generator[wire.PingAnswer] {
	return rapid.Custom(func(t *rapid.T) wire.PingAnswer {
		return wire.PingAnswer{
			IsAlive: rapid.Bool().Draw(t, "is alive"), Responder: optionalRecords().Draw(t, "responder"),
			Nonce: rapid.Uint64().Draw(t, "nonce"), Digest: digests().Draw(t, "digest"),
			DisseminatorDown: rapid.Bool().Draw(t, "down"),
		}
	})
}

func indirectPings() *rapid.Generator[wire.IndirectPing] {
	return rapid.Custom(func(t *rapid.T) wire.IndirectPing {
		return wire.IndirectPing{
			Requester: ids().Draw(t, "requester"), Target: targets().Draw(t, "target"),
			TargetInstance: anyInstance().Draw(t, "instance"), Nonce: rapid.Uint64().Draw(t, "nonce"),
		}
	})
}

func indirectPingAnswers() *rapid.Generator[wire.IndirectPingAnswer] {
	return rapid.Custom(func(t *rapid.T) wire.IndirectPingAnswer {
		return wire.IndirectPingAnswer{
			Evidence: evidence().Draw(t, "evidence"), Nonce: rapid.Uint64().Draw(t, "nonce"),
			TargetInstance: anyInstance().Draw(t, "instance"),
		}
	})
}

func disseminations() *rapid.Generator[wire.Dissemination] {
	return rapid.Custom(func(t *rapid.T) wire.Dissemination {
		d := wire.Dissemination{
			Sender: ids().Draw(t, "sender"), Members: recordLists().Draw(t, "members"),
			Accusation: rapid.Bool().Draw(t, "accusation"), Confirmations: confirmations().Draw(t, "confirmations"),
			Failed: rapid.OneOf(rapid.Just(wire.Target{}), targets()).Draw(t, "failed"),
		}
		if drawn := rapid.SliceOfN(reports(), 0, 4).Draw(t, "reports"); len(drawn) > 0 {
			d.Reports = drawn
		}
		if len(d.Members) > 0 && rapid.Bool().Draw(t, "to a head") {
			d.Serve, d.Failed, d.Reports, d.Accusation = hashRanges().Draw(t, "serve"), wire.Target{}, nil, false
		}
		return d
	})
}

func disseminationAnswers() *rapid.Generator[wire.DisseminationAnswer] {
	return rapid.Custom(func(t *rapid.T) wire.DisseminationAnswer {
		return wire.DisseminationAnswer{
			Success: rapid.Bool().Draw(t, "success"), Newer: recordLists().Draw(t, "newer"),
			DetectorDown: rapid.Bool().Draw(t, "down"),
			Unwell:       rapid.Bool().Draw(t, "unwell"),

			ResponderID: optionalIDs().Draw(t, "responder"), ResponderInstance: instances().Draw(t, "instance"),
			Served: rapid.Bool().Draw(t, "served"),
		}
	})
}

func joins() *rapid.Generator[wire.Join] {
	return rapid.Custom(func(t *rapid.T) wire.Join {
		m := records().Draw(t, "member")
		j := wire.Join{ID: m.ID, Address: m.DetectorAddress}
		if rapid.Bool().Draw(t, "with row") {
			j.Member = m
		}
		return j
	})
}

func joinAnswers() *rapid.Generator[wire.JoinAnswer] {
	return rapid.Custom(func(t *rapid.T) wire.JoinAnswer {
		return wire.JoinAnswer{
			Addresses: distinct(addresses(), func(a swim.Address) string { return string(a) }).Draw(t, "addresses"),
			Members:   recordLists().Draw(t, "members"),
		}
	})
}

func syncs() *rapid.Generator[wire.Sync] {
	return rapid.Custom(func(t *rapid.T) wire.Sync {
		s := wire.Sync{
			Sender: records().Draw(t, "sender"), Range: ranges().Draw(t, "range"), Members: recordLists().Draw(t, "members"),
		}
		for _, m := range recordLists().Draw(t, "rows") {
			if s.Range != nil && s.Range.Contains(m.ID) {
				s.Summaries = append(s.Summaries, m.Summary())
			}
		}
		return s
	})
}

func syncAnswers() *rapid.Generator[wire.SyncAnswer] {
	return rapid.Custom(func(t *rapid.T) wire.SyncAnswer {
		return wire.SyncAnswer{
			Responder: records().Draw(t, "responder"), Newer: recordLists().Draw(t, "newer"),
			Wanted: distinct(ids(), func(id swim.NodeID) string { return string(id) }).Draw(t, "wanted"),
		}
	})
}

func leases() *rapid.Generator[wire.Lease] {
	return rapid.Custom(func(t *rapid.T) wire.Lease {
		return wire.Lease{Number: rapid.Uint64Min(1).Draw(t, "number"), Stopping: rapid.Bool().Draw(t, "stopping")}
	})
}

func lists() *rapid.Generator[wire.List] {
	return rapid.Custom(func(t *rapid.T) wire.List {
		return wire.List{
			Node: statuses().Draw(t, "node"), Members: tables().Draw(t, "members"), Revision: rapid.Uint64().Draw(t, "revision"),
			NextToken: texts().Draw(t, "next token"),
		}
	})
}

func watches() *rapid.Generator[wire.Watch] {
	return rapid.Custom(func(t *rapid.T) wire.Watch {
		w := wire.Watch{Revision: rapid.Uint64Min(1).Draw(t, "revision")}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			w.Event = wire.Snapshot{
				Node: statuses().Draw(t, "node"), Members: tables().Draw(t, "members"), More: rapid.Bool().Draw(t, "more"),
			}
		case 1:
			w.Event = wire.Change{
				Member:   rapid.OneOf(records(), contacts()).Draw(t, "member"),
				Previous: swim.State(rapid.IntRange(0, int(swim.Contact)).Draw(t, "previous")),
				Removed:  rapid.Bool().Draw(t, "removed"), Time: times().Draw(t, "time"),
			}
		default:
			w.Event = wire.Heartbeat{
				Digest: digests().Draw(t, "digest"), LeaseRequested: rapid.Bool().Draw(t, "lease requested"),
				ProbeRequested: optionalIDs().Draw(t, "probe requested"), PartitionSuspected: rapid.Bool().Draw(t, "partition suspected"),
			}
		}
		return w
	})
}
