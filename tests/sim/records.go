package sim

import "github.com/swimpair/swim/proto/swim"

// records are all that nodes have said of one another. A thousand tables say the same, so
// the cores share one copy of each record (Config.Share): a table is then a list of pointers,
// and the records that are looked at lie close together in memory.
type records map[swim.Summary][]*swim.Member

// share returns the one copy of m.
func (r records) share(m swim.Member) *swim.Member {
	same := r[m.Summary()]
	for _, row := range same {
		if row.Equal(&m) {
			return row
		}
	}
	row := m.Clone()
	r[m.Summary()] = append(same, &row)
	return &row
}
