package wire_test

import (
	"reflect"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// fields encodes strings as fields 1, 2, ... by hand, as a peer of the seed's family that
// never saw our swim.proto does.
func fields(values ...string) []byte {
	var out []byte
	for i, v := range values {
		out = protowire.AppendTag(out, protowire.Number(i+1), protowire.BytesType)
		out = protowire.AppendString(out, v)
	}
	return out
}

// understood decodes bytes and parses them.
func understood[M proto.Message, V any](t *testing.T, bytes []byte, m M, parse func(M) (V, error), want V) {
	t.Helper()
	if err := proto.Unmarshal(bytes, m); err != nil {
		t.Fatal(err)
	}
	got, err := parse(m)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestPeersOfTheSeedsFamilyAreUnderstood(t *testing.T) {
	understood(t, fields("2", "node5:50055"), new(swimpb.PingRequest), wire.ParsePing,
		wire.Ping{Sender: "2", Target: wire.Target{Address: "node5:50055"}})
	understood(t, fields("2", "node5:50055", "node1:50051"), new(swimpb.IndirectPingRequest), wire.ParseIndirectPing,
		wire.IndirectPing{Requester: "2", Target: wire.Target{Address: "node5:50055"}})
	understood(t, fields("2", "node5:50055"), new(swimpb.DisseminationRequest), wire.ParseDissemination,
		wire.Dissemination{Sender: "2", Failed: wire.Target{Address: "node5:50055"}})
	understood(t, fields("2", "5"), new(swimpb.DisseminationRequest), wire.ParseDissemination,
		wire.Dissemination{Sender: "2", Failed: wire.Target{ID: "5"}})
	understood(t, fields("6", "node6:50056"), new(swimpb.JoinRequest), wire.ParseJoin,
		wire.Join{ID: "6", Address: "node6:50056"})
}

func TestAnswersOfTheSeedsFamilyAreUnderstood(t *testing.T) {
	yes := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1)
	understood(t, yes, new(swimpb.PingResponse), wire.ParsePingAnswer, wire.PingAnswer{IsAlive: true})
	understood(t, yes, new(swimpb.IndirectPingResponse), wire.ParseIndirectPingAnswer,
		wire.IndirectPingAnswer{Evidence: swim.Acked})
	understood(t, nil, new(swimpb.IndirectPingResponse), wire.ParseIndirectPingAnswer,
		wire.IndirectPingAnswer{Evidence: swim.Silent})
	understood(t, yes, new(swimpb.DisseminationResponse), wire.ParseDisseminationAnswer, wire.DisseminationAnswer{Success: true})
	understood(t, fields("node1:50051"), new(swimpb.JoinResponse), wire.ParseJoinAnswer,
		wire.JoinAnswer{Addresses: []swim.Address{"node1:50051"}})
}

func TestANewerPeersUnknownEnumIsRefusedFromBytes(t *testing.T) {
	row := protowire.AppendVarint(protowire.AppendTag(nil, 4, protowire.VarintType), 99) // the last value counts
	valid, err := proto.Marshal(wire.FromMember(smallRecord("3")))
	if err != nil {
		t.Fatal(err)
	}
	var m swimpb.Member
	if err := proto.Unmarshal(append(valid, row...), &m); err != nil {
		t.Fatal(err)
	}
	if _, err := wire.ToMember(&m); err == nil || err.Error() != "state: 99 is no state that this version knows" {
		t.Errorf("got %v, want the unknown state refused", err)
	}
}

func TestANewerPeersUnknownFieldDoesNotTravelOn(t *testing.T) {
	bytes := append(fields("2", "5"), protowire.AppendString(protowire.AppendTag(nil, 999, protowire.BytesType), "new")...)
	var sent swimpb.PingRequest
	if err := proto.Unmarshal(bytes, &sent); err != nil {
		t.Fatal(err)
	}
	ping, err := wire.ParsePing(&sent)
	if err != nil {
		t.Fatal(err)
	}
	if unknown := ping.Proto().ProtoReflect().GetUnknown(); len(unknown) > 0 {
		t.Errorf("%d unknown bytes travel on", len(unknown))
	}
}

func TestATargetIsAnIDOrAnAddress(t *testing.T) {
	for text, want := range map[string]wire.Target{
		"5": {ID: "5"}, "node5": {ID: "node5"}, "10.0.0.5": {ID: "10.0.0.5"},
		"node5:50055": {Address: "node5:50055"}, "[::1]:50055": {Address: "[::1]:50055"},
	} {
		got, err := wire.ParsePing(&swimpb.PingRequest{SenderId: "1", TargetId: text})
		if err != nil || got.Target != want || got.Target.String() != text {
			t.Errorf("%q is %+v, %v, want %+v", text, got.Target, err, want)
		}
	}
}
