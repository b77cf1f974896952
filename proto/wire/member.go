package wire

import (
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// FromMember converts a record or a contact.
func FromMember(m swim.Member) *swimpb.Member {
	row := &swimpb.Member{
		Id:                  string(m.ID),
		DetectorAddress:     string(m.DetectorAddress),
		DisseminatorAddress: string(m.DisseminatorAddress),
		State:               FromState(m.State),
		Incarnation:         uint64(m.Incarnation),
		Instance:            uint64(m.Instance),
		OwnAddress:          m.OwnAddress,
		Tags:                m.Tags,
		Zone:                m.Zone,
		Version:             m.Version,
		Reason:              FromReason(m.Reason),
		Accuser:             string(m.Accuser),
	}
	if m.ProbeInterval != 0 {
		row.ProbeInterval = durationpb.New(m.ProbeInterval)
	}
	return row
}

// FromMembers converts a list.
func FromMembers(members []swim.Member) []*swimpb.Member { return fromEach(members, FromMember) }

// fromOptionalMember converts a row that need not be sent.
func fromOptionalMember(m swim.Member) *swimpb.Member {
	if m.ID == "" {
		return nil
	}
	return FromMember(m)
}

// ToMember checks a record, as nodes exchange them. Contacts are refused.
func ToMember(row *swimpb.Member) (swim.Member, error) {
	var c check
	m := c.common(row)
	m.ID = c.id("id", row.GetId())
	m.DetectorAddress = c.address("detector_address", row.GetDetectorAddress())
	m.DisseminatorAddress = c.address("disseminator_address", row.GetDisseminatorAddress())
	m.State = c.recordState("state", row.GetState())
	m.Instance = c.instance("instance", row.GetInstance())
	m.ProbeInterval = c.probeInterval("probe_interval", row.GetProbeInterval())
	return checked(&c, m)
}

// ToRow checks a row of an answer of Membership: a record, or a contact, of which only
// the detector address is certain.
func ToRow(row *swimpb.Member) (swim.Member, error) {
	if row.GetState() != swimpb.MemberState_MEMBER_STATE_CONTACT {
		return ToMember(row)
	}
	var c check
	m := c.common(row)
	m.ID = c.optionalID("id", row.GetId())
	m.DetectorAddress = c.address("detector_address", row.GetDetectorAddress())
	m.DisseminatorAddress = c.optionalAddress("disseminator_address", row.GetDisseminatorAddress())
	m.State = c.rowState("state", row.GetState())
	m.Instance = swim.Instance(row.GetInstance())
	if row.GetProbeInterval() != nil {
		m.ProbeInterval = c.probeInterval("probe_interval", row.GetProbeInterval())
	}
	return checked(&c, m)
}

// common reads the fields that have the same rules in records and contacts.
func (c *check) common(row *swimpb.Member) swim.Member {
	return swim.Member{
		Incarnation: c.incarnation("incarnation", row.GetIncarnation()),
		Reason:      c.reason("reason", row.GetReason()),
		Accuser:     c.optionalID("accuser", row.GetAccuser()),
		OwnAddress:  row.GetOwnAddress(),
		Tags:        c.tags("tags", row.GetTags()),
		Zone:        c.text("zone", row.GetZone(), MaxTextBytes),
		Version:     c.text("version", row.GetVersion(), MaxTextBytes),
	}
}

// record parses a field that holds a record and has to be there.
func (c *check) record(field string, row *swimpb.Member) swim.Member {
	if row == nil {
		c.fail(field, "is missing: send the node's own row")
		return swim.Member{}
	}
	m, err := ToMember(row)
	c.within(field, err)
	return m
}

// optionalRecord returns a Member with an empty ID if none was sent.
func (c *check) optionalRecord(field string, row *swimpb.Member) swim.Member {
	if row == nil {
		return swim.Member{}
	}
	return c.record(field, row)
}

func (c *check) records(field string, sent []*swimpb.Member) []swim.Member {
	return rows(c, field, sent, ToMember, func(m swim.Member) string { return string(m.ID) })
}

// tableRows accepts contacts, which are told apart by their addresses.
func (c *check) tableRows(field string, sent []*swimpb.Member) []swim.Member {
	return rows(c, field, sent, ToRow, func(m swim.Member) string {
		if m.State == swim.Contact {
			return string(m.DetectorAddress)
		}
		return string(m.ID)
	})
}
