package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// fault is one way to break a valid message.
type fault[M proto.Message] struct {
	rule  string
	spoil func(M)
	want  string // how the error begins: the field, and what is said of it
}

// refuses checks that the valid message passes and that each fault is refused, alone.
func refuses[M proto.Message, V any](t *testing.T, parse func(M) (V, error), valid M, faults []fault[M]) {
	t.Helper()
	if _, err := parse(overTheWire(t, valid)); err != nil {
		t.Fatalf("the valid message is refused: %v", err)
	}
	for _, f := range faults {
		t.Run(f.rule, func(t *testing.T) {
			spoilt := proto.CloneOf(valid)
			f.spoil(spoilt)
			_, err := parse(spoilt)
			if _, ok := errors.AsType[*wire.FieldError](err); !ok {
				t.Fatalf("got %v, want a FieldError", err)
			}
			if !strings.HasPrefix(err.Error(), f.want) {
				t.Errorf("got %q, want it to begin with %q", err, f.want)
			}
		})
	}
}

func TestBadRecordsAreRefused(t *testing.T) {
	type row = *swimpb.Member
	valid := wire.FromMember(smallRecord("3"))
	faults := []fault[row]{
		{"an id is needed", func(m row) { m.Id = "" }, `id: an id has 1 to 64 characters`},
		{"an id of 65", func(m row) { m.Id = strings.Repeat("x", 65) }, "id: an id has 1 to 64"},
		{"an id with a blank", func(m row) { m.Id = "a b" }, `id: an id has 1 to 64 characters of [A-Za-z0-9._-], not "a b"`},
		{"an id with a colon", func(m row) { m.Id = "node3:50053" }, "id: an id has"},
		{"an id outside ASCII", func(m row) { m.Id = "nöd" }, "id: an id has"},
		{"a detector address is needed", func(m row) { m.DetectorAddress = "" }, "detector_address: an address is host:port"},
		{"a disseminator address is needed", func(m row) { m.DisseminatorAddress = "" }, "disseminator_address: an address is host:port"},
		{"a state is needed", func(m row) { m.State = 0 }, "state: MEMBER_STATE_UNSPECIFIED is no state"},
		{"an unknown state", func(m row) { m.State = 7 }, "state: 7 is no state that this version knows"},
		{"a state that looks known when cut to 8 bits", func(m row) { m.State = 257 }, "state: 257 is no state"},
		{"a negative state", func(m row) { m.State = -1 }, "state: -1 is no state"},
		{"a contact", func(m row) { m.State = 6 }, "state: nodes do not exchange contacts"},
		{"an incarnation of 2^63", func(m row) { m.Incarnation = 1 << 63 }, "incarnation: 2^63 or more is reserved, not 9223372036854775808"},
		{"an instance is needed", func(m row) { m.Instance = 0 }, "instance: a record states its instance"},
		{"an unknown reason", func(m row) { m.Reason = 10 }, "reason: 10 is no reason"},
		{"a negative reason", func(m row) { m.Reason = -1 }, "reason: -1 is no reason"},
		{"a bad accuser", func(m row) { m.Accuser = "\n" }, `accuser: an id has 1 to 64 characters of [A-Za-z0-9._-], not "\n"`},
		{"a protocol period is needed", func(m row) { m.ProbeInterval = nil }, "probe_interval: a protocol period is above 0"},
		{"a protocol period of 0", func(m row) { m.ProbeInterval = durationpb.New(0) }, "probe_interval: "},
		{"a protocol period below 0", func(m row) { m.ProbeInterval = durationpb.New(-1) }, "probe_interval: "},
		{"a protocol period above an hour", func(m row) { m.ProbeInterval = durationpb.New(time.Hour + 1) }, "probe_interval: "},
		{"a protocol period of two signs", func(m row) { m.ProbeInterval = &durationpb.Duration{Seconds: 2, Nanos: -1} }, "probe_interval: "},
		{"a zone of 65 bytes", func(m row) { m.Zone = strings.Repeat("z", 65) }, "zone: at most 64 bytes are allowed, not 65"},
		{"a zone that is not UTF-8", func(m row) { m.Zone = "\xff" }, `zone: "\xff" is not UTF-8`},
		{"a version of 65 bytes", func(m row) { m.Version = strings.Repeat("v", 65) }, "version: at most 64 bytes"},
		{"a version that is not UTF-8", func(m row) { m.Version = "\xff" }, "version: "},
	}
	refuses(t, wire.ToMember, valid, faults)
}

func TestBadTagsAreRefused(t *testing.T) {
	type request = *swimpb.SetTagsRequest
	tooMany := map[string]string{}
	for i := range wire.MaxTags + 1 {
		tooMany[fmt.Sprint(i)] = ""
	}
	set := func(tags map[string]string) func(request) { return func(r request) { r.Tags = tags } }
	refuses(t, wire.ParseSetTags, &swimpb.SetTagsRequest{}, []fault[request]{
		{"33 tags", set(tooMany), "tags: a member has at most 32 tags, not 33"},
		{"an empty key", set(map[string]string{"": "v"}), "tags: the key of a tag is not empty"},
		{"a key of 65 bytes", set(map[string]string{strings.Repeat("k", 65): ""}), "tags: at most 64 bytes"},
		{"a key that is not UTF-8", set(map[string]string{"\xff": ""}), "tags: "},
		{"a value of 257 bytes", set(map[string]string{"k": strings.Repeat("v", 257)}), `tags["k"]: at most 256 bytes`},
		{"a value that is not UTF-8", set(map[string]string{"k": "\xff"}), `tags["k"]: "\xff" is not UTF-8`},
	})
	withTag := wire.FromMember(smallRecord("3"))
	withTag.Tags = map[string]string{"": ""}
	if _, err := wire.ToMember(withTag); err == nil || !strings.HasPrefix(err.Error(), "tags: ") {
		t.Errorf("a record with a bad tag: got %v, want a fault in tags", err)
	}
}

func TestBadAddressesAreRefused(t *testing.T) {
	for _, bad := range []string{
		"node1", ":50051", "node1:", "node1:0", "node1:65536", "node1:-1", "node1:+1", "node1:050051", "node1:http",
		"node1:99999999999999999999", "node 1:50051", "node1: 50051", "node1\n:50051", "node1:50051\n", "node1\x00:50051",
		"::1:50051", "[::1]", "[node1]:50051", "[::1%a/b]:50051", "[::g]:50051", "unix:///run/x:1", "a/b:50051",
		"tcp://10.0.0.1:50051", "nöde:50051", "\xff:50051", "user@node1:50051", strings.Repeat("h", 256) + ":50051",
	} {
		request := &swimpb.JoinRequest{NewNodeId: "6", NewNodeAddress: bad}
		_, err := wire.ParseJoin(request)
		if err == nil || !strings.HasPrefix(err.Error(), "new_node_address: ") {
			t.Errorf("address %q: got %v, want a fault in new_node_address", bad, err)
		}
	}
}

func TestBadContactsAreRefused(t *testing.T) {
	type row = *swimpb.Member
	valid := &swimpb.Member{State: swimpb.MemberState_MEMBER_STATE_CONTACT, DetectorAddress: "node3:50053"}
	refuses(t, wire.ToRow, valid, []fault[row]{
		{"a detector address is needed", func(m row) { m.DetectorAddress = "" }, "detector_address: "},
		{"a bad id", func(m row) { m.Id = "a b" }, "id: "},
		{"a bad disseminator address", func(m row) { m.DisseminatorAddress = "node3" }, "disseminator_address: "},
		{"a bad protocol period", func(m row) { m.ProbeInterval = durationpb.New(-1) }, "probe_interval: "},
		{"an incarnation of 2^63", func(m row) { m.Incarnation = 1 << 63 }, "incarnation: "},
		{"a record has the rules of records", func(m row) { m.State = 1 }, "id: "},
	})
}

func TestBadPingsAreRefused(t *testing.T) {
	type request = *swimpb.PingRequest
	refuses(t, wire.ParsePing, &swimpb.PingRequest{SenderId: "1", TargetId: "2"}, []fault[request]{
		{"a sender is needed", func(r request) { r.SenderId = "" }, "sender_id: "},
		{"a sender is no address", func(r request) { r.SenderId = "node1:50051" }, "sender_id: "},
		{"a target is needed", func(r request) { r.TargetId = "" }, "target_id: "},
		{"a target's bad id", func(r request) { r.TargetId = "a b" }, "target_id: an id has"},
		{"a target's bad address", func(r request) { r.TargetId = "node2:0" }, "target_id: a port is a number from 1 to 65535"},
		{"a digest's age below 0", func(r request) {
			r.Digest = &swimpb.Digest{Hash: 1, Age: durationpb.New(-1)}
		}, "digest.age: "},
		{"a digest's age that is no duration", func(r request) {
			r.Digest = &swimpb.Digest{Hash: 1, Age: &durationpb.Duration{Seconds: 1, Nanos: -1}}
		}, "digest.age: "},
		{"a digest's age beyond all durations", func(r request) {
			r.Digest = &swimpb.Digest{Hash: 1, Age: &durationpb.Duration{Seconds: 1 << 62}}
		}, "digest.age: "},
	})
	type answer = *swimpb.PingResponse
	refuses(t, wire.ParsePingAnswer, &swimpb.PingResponse{IsAlive: true}, []fault[answer]{
		{"an empty responder is no responder", func(a answer) { a.Responder = &swimpb.Member{} }, "responder."},
		{"a responder is no contact", func(a answer) {
			a.Responder = wire.FromMember(smallRecord("2"))
			a.Responder.State = swimpb.MemberState_MEMBER_STATE_CONTACT
		}, "responder.state: "},
		{"a digest's age below 0", func(a answer) { a.Digest = &swimpb.Digest{Hash: 1, Age: durationpb.New(-1)} }, "digest.age: "},
	})
}

func TestBadIndirectPingsAreRefused(t *testing.T) {
	type request = *swimpb.IndirectPingRequest
	refuses(t, wire.ParseIndirectPing, &swimpb.IndirectPingRequest{RequesterId: "1", TargetId: "2"}, []fault[request]{
		{"a requester is needed", func(r request) { r.RequesterId = "" }, "requester_id: "},
		{"a target is needed", func(r request) { r.TargetId = "" }, "target_id: "},
		{"a target's bad address", func(r request) { r.TargetId = ":1" }, "target_id: "},
	})
	type answer = *swimpb.IndirectPingResponse
	valid := &swimpb.IndirectPingResponse{Evidence: swimpb.Evidence_EVIDENCE_SILENT}
	refuses(t, wire.ParseIndirectPingAnswer, valid, []fault[answer]{
		{"unknown evidence", func(a answer) { a.Evidence = 7 }, "evidence: 7 is no evidence that this version knows"},
		{"negative evidence", func(a answer) { a.Evidence = -1 }, "evidence: -1"},
		{"success without an ack", func(a answer) { a.Success = true }, "success: true contradicts EVIDENCE_SILENT"},
		{"an ack without success", func(a answer) { a.Evidence = 1 }, "success: false contradicts EVIDENCE_ACKED"},
	})
}

func TestBadDisseminationsAreRefused(t *testing.T) {
	type request = *swimpb.DisseminationRequest
	valid := wire.Dissemination{Sender: "1", Members: many(4)}.Proto()
	refuses(t, wire.ParseDissemination, valid, []fault[request]{
		{"a sender is needed", func(r request) { r.SenderId = "" }, "sender_id: "},
		{"whom a seed's peer could not reach", func(r request) { r.FailedNodeId = "node5:" }, "failed_node_id: "},
		{"a bad row", func(r request) { r.Members[3].Incarnation = 1 << 63 }, "members[3].incarnation: 2^63 or more is reserved"},
		{"a bad tag in a row", func(r request) { r.Members[2].Tags = map[string]string{"": ""} }, "members[2].tags: "},
		{"a contact", func(r request) { r.Members[0].State = 6 }, "members[0].state: nodes do not exchange contacts"},
		{"one id twice", func(r request) { r.Members[3].Id = "2" }, "members[3]: 2 stands in members[1] already"},
		{"1025 rows", func(r request) { r.Members = wire.FromMembers(many(1025)) }, "members: a message has at most 1024 of them, not 1025"},
		{"1025 reports", func(r request) { r.Reports = make([]*swimpb.ProbeReport, 1025) }, "reports: a message has at most 1024"},
	})
	type answer = *swimpb.DisseminationResponse
	refuses(t, wire.ParseDisseminationAnswer, wire.DisseminationAnswer{Newer: many(2)}.Proto(), []fault[answer]{
		{"a bad row", func(a answer) { a.Newer[1].Id = "" }, "newer[1].id: "},
		{"one id twice", func(a answer) { a.Newer[1].Id = "1" }, "newer[1]: 1 stands in newer[0] already"},
		{"1025 rows", func(a answer) { a.Newer = wire.FromMembers(many(1025)) }, "newer: a message has at most 1024"},
	})
}

func TestBadRangesAreRefused(t *testing.T) {
	type request = *swimpb.DisseminationRequest
	valid := wire.Dissemination{Sender: "1", Members: many(2), Serve: &swim.HashRange{From: 5, To: 6}}.Proto()
	refuses(t, wire.ParseDissemination, valid, []fault[request]{
		{"an empty range", func(r request) { r.Serve.To = 5 }, "serve.to: the range is empty: 0x5 is not above 0x5"},
		{"a range from its end", func(r request) { r.Serve.To = 4 }, "serve.to: the range is empty"},
		{"no rows", func(r request) { r.Members = nil }, "serve: a range is served with rows, and members has none"},
		{"an accusation", func(r request) { r.Accusation = true }, "serve: a range is served with rows alone"},
		{"reports", func(r request) { r.Reports = make([]*swimpb.ProbeReport, 1) }, "serve: a range is served with rows alone"},
		{"an accusation of the seed's family", func(r request) { r.FailedNodeId = "5" }, "serve: a range is served with rows alone"},
	})
}

func TestBadConfirmationsAreRefused(t *testing.T) {
	type request = *swimpb.DisseminationRequest
	valid := wire.Dissemination{Sender: "1", Confirmations: []swim.Confirmation{
		{ID: "2", Incarnation: swim.MaxIncarnation, Instance: 1}, {ID: "3", Instance: 1},
	}}.Proto()
	refuses(t, wire.ParseDissemination, valid, []fault[request]{
		{"no id", func(r request) { r.Confirmations[1].MemberId = "" }, "confirmations[1].member_id: "},
		{"an address", func(r request) { r.Confirmations[1].MemberId = "node3:50053" }, "confirmations[1].member_id: "},
		{"incarnation 2^63", func(r request) { r.Confirmations[1].Incarnation = 1 << 63 }, "confirmations[1].incarnation: "},
		{"no instance", func(r request) { r.Confirmations[1].Instance = 0 }, "confirmations[1].instance: "},
		{"one suspect twice", func(r request) { r.Confirmations[1].MemberId = "2" }, "confirmations[1]: 2 stands in confirmations[0] already"},
		{"1025 of them", func(r request) { r.Confirmations = make([]*swimpb.Confirmation, 1025) }, "confirmations: a message has at most 1024"},
	})
}

func TestBadReportsAreRefused(t *testing.T) {
	type request = *swimpb.DisseminationRequest
	valid := wire.Dissemination{Sender: "1", Reports: []wire.Report{
		wire.Unreachable{Member: "2", Instance: 1, Paths: []swim.Path{{Evidence: swim.Silent}, {Proxy: "3", Evidence: swim.None}}},
		wire.Reached{Address: "node4:50054", Responder: smallRecord("4")},
		wire.Missed{Address: "node5:50055", Evidence: swim.Refused},
		wire.PingMissed{Member: "2", Instance: 1},
		wire.ViewsDiffer{Peer: "2"},
		wire.Heard{Member: "2", Instance: 1},
	}}.Proto()
	unreachable := func(r request) *swimpb.UnreachableReport { return r.Reports[0].GetUnreachable() }
	reached := func(r request) *swimpb.ReachedReport { return r.Reports[1].GetReached() }
	missed := func(r request) *swimpb.MissedReport { return r.Reports[2].GetMissed() }
	pingMissed := func(r request) *swimpb.PingMissedReport { return r.Reports[3].GetPingMissed() }
	heard := func(r request) *swimpb.HeardReport { return r.Reports[5].GetHeard() }
	viewsDiffer := func(r request) *swimpb.ViewsDifferReport { return r.Reports[4].GetViewsDiffer() }
	refuses(t, wire.ParseDissemination, valid, []fault[request]{
		{"no report", func(r request) { r.Reports[0].Report = nil }, "reports[0].report: none that this version knows is set"},
		{"an unreachable without id", func(r request) { unreachable(r).MemberId = "" }, "reports[0].unreachable.member_id: "},
		{"an unreachable of incarnation 2^63", func(r request) { unreachable(r).Incarnation = 1 << 63 }, "reports[0].unreachable.incarnation: "},
		{"an unreachable without instance", func(r request) { unreachable(r).Instance = 0 }, "reports[0].unreachable.instance: "},
		{"a path without evidence", func(r request) { unreachable(r).Paths[1].Evidence = 0 }, "reports[0].unreachable.paths[1].evidence: "},
		{"a path of a bad proxy", func(r request) { unreachable(r).Paths[1].ProxyId = "a b" }, "reports[0].unreachable.paths[1].proxy_id: "},
		{"one proxy's word twice", func(r request) { unreachable(r).Paths[0].ProxyId = "3" }, "reports[0].unreachable.paths[1]: 3 stands in"},
		{"1025 paths", func(r request) { unreachable(r).Paths = make([]*swimpb.Path, 1025) }, "reports[0].unreachable.paths: a message has"},
		{"a reached without address", func(r request) { reached(r).Address = "" }, "reports[1].reached.address: "},
		{"a reached with a bad row", func(r request) { reached(r).Responder.Instance = 0 }, "reports[1].reached.responder.instance: "},
		{"a missed without address", func(r request) { missed(r).Address = "" }, "reports[2].missed.address: "},
		{"a missed without evidence", func(r request) { missed(r).Evidence = 0 }, "reports[2].missed.evidence: "},
		{"a heard without id", func(r request) { heard(r).MemberId = "" }, "reports[5].heard.member_id: "},
		{"a heard of incarnation 2^63", func(r request) { heard(r).Incarnation = 1 << 63 }, "reports[5].heard.incarnation: "},
		{"a heard without instance", func(r request) { heard(r).Instance = 0 }, "reports[5].heard.instance: "},
		{"a missed ping without id", func(r request) { pingMissed(r).MemberId = "" }, "reports[3].ping_missed.member_id: "},
		{"a missed ping of incarnation 2^63", func(r request) { pingMissed(r).Incarnation = 1 << 63 }, "reports[3].ping_missed.incarnation: "},
		{"a missed ping without instance", func(r request) { pingMissed(r).Instance = 0 }, "reports[3].ping_missed.instance: "},
		{"differing views of nobody", func(r request) { viewsDiffer(r).PeerId = "" }, "reports[4].views_differ.peer_id: "},
	})
}

func TestBadJoinsAreRefused(t *testing.T) {
	type request = *swimpb.JoinRequest
	member := smallRecord("6")
	valid := wire.Join{ID: "6", Address: member.DetectorAddress, Member: member}.Proto()
	refuses(t, wire.ParseJoin, valid, []fault[request]{
		{"an id is needed", func(r request) { r.NewNodeId = "" }, "new_node_id: "},
		{"an address is needed", func(r request) { r.NewNodeAddress = "" }, "new_node_address: "},
		{"a bad row", func(r request) { r.Member.ProbeInterval = nil }, "member.probe_interval: "},
		{"the row of another node", func(r request) { r.Member.Id = "7" }, "member.id: 7 is not the new_node_id 6"},
		{"the row of another address", func(r request) { r.Member.DetectorAddress = "x:1" }, "member.detector_address: x:1 is not the new_node_address"},
		{"an empty row is no row", func(r request) { r.Member = &swimpb.Member{} }, "member."},
	})
	type answer = *swimpb.JoinResponse
	valid2 := wire.JoinAnswer{Addresses: []swim.Address{"a:1", "b:2"}, Members: many(2)}.Proto()
	refuses(t, wire.ParseJoinAnswer, valid2, []fault[answer]{
		{"a bad address", func(a answer) { a.Membership[1] = "Component NewNode" }, "membership[1]: an address is host:port"},
		{"1025 addresses", func(a answer) { a.Membership = make([]string, 1025) }, "membership: a message has at most 1024"},
		{"a bad row", func(a answer) { a.Members[0].State = 6 }, "members[0].state: "},
		{"one id twice", func(a answer) { a.Members[1].Id = "1" }, "members[1]: 1 stands in members[0] already"},
		{"1025 rows", func(a answer) { a.Members = wire.FromMembers(many(1025)) }, "members: a message has at most 1024"},
	})
}

func TestBadSyncsAreRefused(t *testing.T) {
	type request = *swimpb.SyncRequest
	valid := wire.Sync{
		Sender: smallRecord("1"), Range: &wire.Range{From: "2", To: "5"}, Members: many(2),
		Summaries: []swim.Summary{smallRecord("2").Summary(), smallRecord("4").Summary()},
	}.Proto()
	refuses(t, wire.ParseSync, valid, []fault[request]{
		{"the sender's row is needed", func(r request) { r.Sender = nil }, "sender: is missing"},
		{"a bad sender", func(r request) { r.Sender.Id = "" }, "sender.id: "},
		{"a sender is no contact", func(r request) { r.Sender.State = 6 }, "sender.state: "},
		{"a summary without id", func(r request) { r.Summaries[1].Id = "" }, "summaries[1].id: "},
		{"a summary of incarnation 2^63", func(r request) { r.Summaries[1].Incarnation = 1 << 63 }, "summaries[1].incarnation: "},
		{"a summary of a contact", func(r request) { r.Summaries[1].State = 6 }, "summaries[1].state: nodes do not exchange contacts"},
		{"a summary of an unknown state", func(r request) { r.Summaries[1].State = 7 }, "summaries[1].state: "},
		{"a summary without instance", func(r request) { r.Summaries[1].Instance = 0 }, "summaries[1].instance: "},
		{"one summary twice", func(r request) { r.Summaries[1].Id = "2" }, "summaries[1]: 2 stands in summaries[0] already"},
		{"a summary below the range", func(r request) { r.Summaries[0].Id = "1" }, "summaries[0].id: 1 is outside the range"},
		{"a summary at the range's end", func(r request) { r.Summaries[0].Id = "5" }, "summaries[0].id: 5 is outside the range"},
		{"1025 summaries", func(r request) { r.Summaries = make([]*swimpb.Summary, 1025) }, "summaries: a message has at most 1024"},
		{"a range from a bad id", func(r request) { r.Range.From = "a b" }, "range.from: "},
		{"a range to a bad id", func(r request) { r.Range.To = "a b" }, "range.to: "},
		{"summaries of no range", func(r request) { r.Range = nil }, "summaries[0].id: 2 is outside the range"},
		{"an empty range", func(r request) { r.Range.To = "2" }, `range.to: the range is empty: "2" is not above "2"`},
		{"a range upside down", func(r request) { r.Range.To = "1" }, "range.to: the range is empty"},
		{"a bad row", func(r request) { r.Members[1].Id = "" }, "members[1].id: "},
		{"one id twice", func(r request) { r.Members[1].Id = "1" }, "members[1]: 1 stands in"},
		{"1025 rows", func(r request) { r.Members = wire.FromMembers(many(1025)) }, "members: a message has at most 1024"},
	})
	type answer = *swimpb.SyncResponse
	valid2 := wire.SyncAnswer{Responder: smallRecord("2"), Newer: many(2), Wanted: []swim.NodeID{"8", "9"}}.Proto()
	refuses(t, wire.ParseSyncAnswer, valid2, []fault[answer]{
		{"the responder's row is needed", func(a answer) { a.Responder = nil }, "responder: is missing"},
		{"a bad responder", func(a answer) { a.Responder.Instance = 0 }, "responder.instance: "},
		{"a bad row", func(a answer) { a.Newer[1].Id = "" }, "newer[1].id: "},
		{"1025 rows", func(a answer) { a.Newer = wire.FromMembers(many(1025)) }, "newer: a message has at most 1024"},
		{"a bad wanted id", func(a answer) { a.Wanted[1] = "" }, "wanted[1]: an id has"},
		{"one wanted id twice", func(a answer) { a.Wanted[1] = "8" }, "wanted[1]: 8 stands in wanted[0] already"},
		{"1025 wanted ids", func(a answer) { a.Wanted = make([]string, 1025) }, "wanted: a message has at most 1024"},
	})
}

func TestBadMembershipRequestsAreRefused(t *testing.T) {
	refuses(t, wire.ParseLease, &swimpb.AttachRequest{Lease: 1}, []fault[*swimpb.AttachRequest]{
		{"lease 0", func(r *swimpb.AttachRequest) { r.Lease = 0 }, "lease: leases count up from 1"},
	})
	refuses(t, wire.ParseExplain, &swimpb.ExplainRequest{MemberId: "3"}, []fault[*swimpb.ExplainRequest]{
		{"whom to explain", func(r *swimpb.ExplainRequest) { r.MemberId = "" }, "member_id: "},
	})
	refuses(t, wire.ParseForget, &swimpb.ForgetRequest{MemberId: "3"}, []fault[*swimpb.ForgetRequest]{
		{"whom to forget", func(r *swimpb.ForgetRequest) { r.MemberId = "a b" }, "member_id: "},
	})
}

func TestBadListsAreRefused(t *testing.T) {
	type answer = *swimpb.ListMembersResponse
	contact := swim.Member{State: swim.Contact, DetectorAddress: "late:50059"}
	status := wire.NodeStatus{ID: "1", Instance: 1, Detector: "up"}
	valid := wire.List{Node: status, Members: append(many(3), contact), Revision: 7}.Proto()
	long := strings.Repeat("x", 65)
	refuses(t, wire.ParseList, valid, []fault[answer]{
		{"who answers is needed", func(a answer) { a.Node = nil }, "node.id: "},
		{"a node without instance", func(a answer) { a.Node.Instance = 0 }, "node.instance: "},
		{"a node of incarnation 2^63", func(a answer) { a.Node.Incarnation = 1 << 63 }, "node.incarnation: "},
		{"a long cluster", func(a answer) { a.Node.Cluster = long }, "node.cluster: "},
		{"a long version", func(a answer) { a.Node.Version = long }, "node.version: "},
		{"a version that rewrites the terminal", func(a answer) { a.Node.Version = "1\x1b[2J" }, "node.version: "},
		{"a long token", func(a answer) { a.NextPageToken = strings.Repeat("x", 263) }, "next_page_token: "},
		{"a digest's age below 0", func(a answer) { a.Node.Digest = &swimpb.Digest{Hash: 1, Age: durationpb.New(-1)} }, "node.digest.age: "},
		{"a long reason", func(a answer) { a.Node.Detector = strings.Repeat("x", 257) }, "node.detector: "},
		{"a bad row", func(a answer) { a.Members[1].Instance = 0 }, "members[1].instance: "},
		{"one id twice", func(a answer) { a.Members[2].Id = "1" }, "members[2]: 1 stands in members[0] already"},
		{"one contact twice", func(a answer) {
			a.Members = append(a.Members, proto.CloneOf(a.Members[3]))
		}, "members[4]: late:50059 stands in members[3] already"},
		{"1025 rows", func(a answer) { a.Members = wire.FromMembers(many(1025)) }, "members: a message has at most 1024"},
	})
}

func TestBadWatchMessagesAreRefused(t *testing.T) {
	type message = *swimpb.WatchMembersResponse
	status := wire.NodeStatus{ID: "1", Instance: 1, Detector: "up"}
	snapshot := wire.Watch{Revision: 1, Event: wire.Snapshot{Node: status, Members: many(2)}}.Proto()
	refuses(t, wire.ParseWatch, snapshot, []fault[message]{
		{"no event", func(m message) { m.Event = nil }, "event: none that this version knows is set"},
		{"who answers is needed", func(m message) { m.GetSnapshot().Node = nil }, "snapshot.node.id: "},
		{"a bad row", func(m message) { m.GetSnapshot().Members[1].State = 7 }, "snapshot.members[1].state: "},
		{"one id twice", func(m message) { m.GetSnapshot().Members[1].Id = "1" }, "snapshot.members[1]: 1 stands in"},
	})
	change := wire.Watch{Revision: 1, Event: wire.Change{Member: smallRecord("2"), Time: time.Unix(1, 0)}}.Proto()
	refuses(t, wire.ParseWatch, change, []fault[message]{
		{"change 0", func(m message) { m.Revision = 0 }, "revision: changes are numbered from 1"},
		{"no row", func(m message) { m.GetChange().Member = nil }, "change.member."},
		{"a bad row", func(m message) { m.GetChange().Member.Id = "" }, "change.member.id: "},
		{"an unknown previous state", func(m message) { m.GetChange().Previous = 7 }, "change.previous: 7 is no state"},
		{"no time", func(m message) { m.GetChange().Time = nil }, "change.time: "},
		{"an impossible time", func(m message) { m.GetChange().Time = &timestamppb.Timestamp{Nanos: -1} }, "change.time: "},
	})
	heartbeat := wire.Watch{Event: wire.Heartbeat{Digest: swim.Digest{Hash: 1}}}.Proto()
	refuses(t, wire.ParseWatch, heartbeat, []fault[message]{
		{"a digest's age below 0", func(m message) { m.GetHeartbeat().Digest.Age = durationpb.New(-1) }, "heartbeat.digest.age: "},
		{"a probe of a bad id", func(m message) { m.GetHeartbeat().ProbeRequested = "a b" }, "heartbeat.probe_requested: "},
	})
}
