package wire_test

import (
	"errors"
	"reflect"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// fuzz feeds bytes to a message's Parse function. Nothing panics; what is refused names a
// field; what passes survives a round trip unchanged.
func fuzz[M proto.Message, V any](f *testing.F, parse func(M) (V, error), encode func(V) M) {
	f.Helper()
	f.Fuzz(func(t *testing.T, bytes []byte) {
		var none M
		m := none.ProtoReflect().New().Interface().(M)
		if len(bytes) > wire.MaxMessageBytes || proto.Unmarshal(bytes, m) != nil {
			return // gRPC refuses it before we see it
		}
		value, err := parse(m)
		if err != nil {
			namesField(t, err)
			return
		}
		again, err := parse(overTheWire(t, encode(value)))
		if err != nil {
			t.Fatalf("%+v passed once, and then not: %v", value, err)
		}
		if !reflect.DeepEqual(again, value) {
			t.Fatalf("%+v became %+v", value, again)
		}
	})
}

func namesField(t *testing.T, err error) {
	t.Helper()
	fault, ok := errors.AsType[*wire.FieldError](err)
	if !ok || fault.Field == "" || fault.Problem == "" {
		t.Errorf("got %#v, want a FieldError with field and problem", err)
	}
	if got := status.Code(wire.ToStatus(err)); got != codes.InvalidArgument {
		t.Errorf("%v has code %s, want InvalidArgument", err, got)
	}
}

func FuzzPing(f *testing.F)         { fuzz(f, wire.ParsePing, wire.Ping.Proto) }
func FuzzIndirectPing(f *testing.F) { fuzz(f, wire.ParseIndirectPing, wire.IndirectPing.Proto) }
func FuzzDisseminate(f *testing.F)  { fuzz(f, wire.ParseDissemination, wire.Dissemination.Proto) }
func FuzzJoin(f *testing.F)         { fuzz(f, wire.ParseJoin, wire.Join.Proto) }
func FuzzSync(f *testing.F)         { fuzz(f, wire.ParseSync, wire.Sync.Proto) }
func FuzzAttach(f *testing.F)       { fuzz(f, wire.ParseLease, wire.Lease.Proto) }

func FuzzExplain(f *testing.F) {
	fuzz(f, wire.ParseExplain, func(id swim.NodeID) *swimpb.ExplainRequest {
		return &swimpb.ExplainRequest{MemberId: string(id)}
	})
}

func FuzzForget(f *testing.F) {
	fuzz(f, wire.ParseForget, func(id swim.NodeID) *swimpb.ForgetRequest {
		return &swimpb.ForgetRequest{MemberId: string(id)}
	})
}

func FuzzSetTags(f *testing.F) {
	fuzz(f, wire.ParseSetTags, func(tags map[string]string) *swimpb.SetTagsRequest {
		return &swimpb.SetTagsRequest{Tags: tags}
	})
}

func FuzzPingAnswer(f *testing.F) { fuzz(f, wire.ParsePingAnswer, wire.PingAnswer.Proto) }
func FuzzIndirectPingAnswer(f *testing.F) {
	fuzz(f, wire.ParseIndirectPingAnswer, wire.IndirectPingAnswer.Proto)
}
func FuzzDisseminationAnswer(f *testing.F) {
	fuzz(f, wire.ParseDisseminationAnswer, wire.DisseminationAnswer.Proto)
}
func FuzzJoinAnswer(f *testing.F) { fuzz(f, wire.ParseJoinAnswer, wire.JoinAnswer.Proto) }
func FuzzSyncAnswer(f *testing.F) { fuzz(f, wire.ParseSyncAnswer, wire.SyncAnswer.Proto) }
func FuzzList(f *testing.F)       { fuzz(f, wire.ParseList, wire.List.Proto) }
func FuzzWatch(f *testing.F)      { fuzz(f, wire.ParseWatch, wire.Watch.Proto) }
