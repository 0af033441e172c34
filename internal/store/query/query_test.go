package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/dbfile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// item is a row of the table of these tests.
type item struct {
	Seq  int64   `gorm:"column:seq;primaryKey;autoIncrement:false"`
	A    int64   `gorm:"column:a"`
	F    float64 `gorm:"column:f"`
	Text string  `gorm:"column:text"`
	Src  []byte  `gorm:"column:src_key"`
	Dst  []byte  `gorm:"column:dst_key"`
}

func (item) TableName() string { return "items" }

var fields = Sortable{"a": "a", "f": "f", "text": "text", "src": "src_key"}

func openDB(t testing.TB, dir string) *dbfile.DB {
	t.Helper()
	cfg := dbfile.Config{Path: filepath.Join(dir, "net.db"), Readers: 1, BusyTimeout: time.Second, OpenTimeout: time.Second, Synchronous: "normal"}
	db, err := dbfile.Open(context.Background(), cfg, slog.New(slog.DiscardHandler), func(db *dbfile.DB) error {
		_, err := db.WriteSQL.Exec("CREATE TABLE items (seq INTEGER PRIMARY KEY, a INTEGER NOT NULL, f REAL NOT NULL, text TEXT NOT NULL, src_key BLOB NOT NULL, dst_key BLOB NOT NULL)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// store replaces the rows of the table.
func store(t rapid.TB, db *dbfile.DB, rows []item) {
	t.Helper()
	if _, err := db.WriteSQL.Exec("DELETE FROM items"); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Src == nil {
			r.Src, r.Dst = []byte{}, []byte{}
		}
		if _, err := db.WriteSQL.Exec("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)", r.Seq, r.A, r.F, r.Text, r.Src, r.Dst); err != nil {
			t.Fatal(err)
		}
	}
}

func page(t rapid.TB, db *dbfile.DB, l List) models.Page[item] {
	t.Helper()
	l.Table = "items"
	p, err := Page(context.Background(), db, l, func(r *item) int64 { return r.Seq })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func seqs(items []item) []int64 {
	out := []int64{}
	for _, r := range items {
		out = append(out, r.Seq)
	}
	return out
}

func order(t rapid.TB, keys ...models.SortKey) []Key {
	t.Helper()
	k, err := fields.Order(keys, []models.SortKey{{Field: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestOrder(t *testing.T) {
	key := func(f string, desc bool) models.SortKey { return models.SortKey{Field: f, Desc: desc} }
	for _, tt := range []struct {
		keys []models.SortKey
		want string // SQL, or the text of the error
	}{
		{nil, "a, seq"},
		{[]models.SortKey{key("f", true)}, "f DESC, seq DESC"},
		{[]models.SortKey{key("f", true), key("src", false)}, "f DESC, src_key, seq"},
		{[]models.SortKey{key("a", false), key("f", false), key("text", false), key("src", true)}, "a, f, text, src_key DESC, seq DESC"},
		{[]models.SortKey{key("a", false), key("f", false), key("text", false), key("src", true), key("a", true)}, "at most 4"},
		{[]models.SortKey{key("a", false), key("a", true)}, "a twice"},
		{[]models.SortKey{key("A", false)}, "unknown field: A"},
		{[]models.SortKey{key("", false)}, "unknown field"},
		{[]models.SortKey{key("seq", false)}, "unknown field: seq"},
		{[]models.SortKey{key("a; DROP TABLE items", false)}, "unknown field"},
	} {
		keys, err := fields.Order(tt.keys, []models.SortKey{{Field: "a"}})
		var bad *models.QueryError
		if errors.As(err, &bad) {
			if bad.Field != "sort" || !strings.Contains(bad.Reason, tt.want) {
				t.Errorf("%v: %v, want %q", tt.keys, err, tt.want)
			}
		} else if got := orderSQL(keys); got != tt.want || err != nil {
			t.Errorf("%v: %q, %v, want %q", tt.keys, got, err, tt.want)
		}
	}
}

func TestLimitsOfAPage(t *testing.T) {
	db := openDB(t, t.TempDir())
	rows := make([]item, 51)
	for i := range rows {
		rows[i] = item{Seq: int64(i + 1), A: int64(i)}
	}
	store(t, db, rows)
	for _, tt := range []struct {
		limit, number int
		field         string // of the error
		items         int
		next          bool
	}{
		{0, 0, "", 50, true}, {1, 1, "", 1, true}, {50, 1, "", 50, true}, {51, 1, "", 51, false}, {MaxLimit, 1, "", 51, false},
		{MaxLimit + 1, 1, "limit", 0, false}, {-1, 1, "limit", 0, false}, {math.MaxInt, 1, "limit", 0, false}, {math.MinInt, 1, "limit", 0, false},
		{50, 2, "", 1, false}, {17, 3, "", 17, false}, {17, 4, "", 0, false}, {10, -1, "page", 0, false}, {10, math.MinInt, "page", 0, false},
		{1, maxOffset + 1, "", 0, false}, {1, maxOffset + 2, "page", 0, false}, {500, maxOffset/500 + 1, "", 0, false}, {500, maxOffset/500 + 2, "page", 0, false},
		{500, math.MaxInt, "page", 0, false},
	} {
		l := List{Table: "items", Keys: order(t), Paging: models.Paging{Limit: tt.limit, Page: tt.number}}
		p, err := Page(t.Context(), db, l, func(r *item) int64 { return r.Seq })
		var bad *models.QueryError
		if errors.As(err, &bad) || tt.field != "" {
			if bad == nil || bad.Field != tt.field {
				t.Errorf("limit %d, page %d: %v, want an error of %q", tt.limit, tt.number, err, tt.field)
			}
			continue
		}
		if err != nil || len(p.Items) != tt.items || (p.NextCursor != "") != tt.next || p.Total != 51 || p.Items == nil {
			t.Errorf("limit %d, page %d: %d items, total %d, cursor %q (%v)", tt.limit, tt.number, len(p.Items), p.Total, p.NextCursor, err)
		}
	}
	store(t, db, nil)
	if p := page(t, db, List{Keys: order(t)}); p.Total != 0 || p.Items == nil || p.NextCursor != "" || p.Page != 1 || p.Limit != DefaultLimit {
		t.Errorf("empty table: %+v", p)
	}
}

// Following cursors returns the rows in the order of the keys, for values of all types,
// extreme and equal ones included.
func TestCursorsReturnEveryRowInOrder(t *testing.T) {
	db := openDB(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "rows")
		rows := make([]item, n)
		for i := range rows {
			rows[i] = item{
				Seq: int64(i + 1), A: rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 1 << 53, 1<<53 + 1, math.MaxInt64}).Draw(t, "a"),
				F:    rapid.SampledFrom([]float64{-math.MaxFloat64, -0.1, 0, math.SmallestNonzeroFloat64, 0.1, 0.1 + 1e-17, math.Nextafter(0.1, 1), math.MaxFloat64}).Draw(t, "f"),
				Text: rapid.SampledFrom([]string{"", "a", "A", "ä", "\"", "a%", "\u2028"}).Draw(t, "text"),
				Src:  rapid.SampledFrom([][]byte{{}, {0}, {0, 0}, {0xff}}).Draw(t, "src"), Dst: []byte{},
			}
		}
		store(t, db, rows)
		var sort []models.SortKey
		for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "f", "text", "src"}), 1, 4, rapid.ID).Draw(t, "sort") {
			sort = append(sort, models.SortKey{Field: f, Desc: rapid.Bool().Draw(t, "desc")})
		}
		want := slices.Clone(rows)
		slices.SortFunc(want, func(x, y item) int { return compare(x, y, sort) })
		l := List{Keys: order(t, sort...), Paging: models.Paging{Limit: rapid.IntRange(1, 5).Draw(t, "limit")}}
		got := []int64{}
		for number := 1; ; number++ {
			p := page(t, db, l)
			if p.Total != int64(n) || p.Page != number {
				t.Fatalf("page %d: number %d, total %d, want total %d", number, p.Page, p.Total, n)
			}
			got = append(got, seqs(p.Items)...)
			if l.Cursor = p.NextCursor; l.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, seqs(want)) {
			t.Fatalf("order %s: %v, want %v", orderSQL(l.Keys), got, seqs(want))
		}
	})
}

func compare(x, y item, sort []models.SortKey) int {
	for _, k := range sort {
		c := map[string]int{"a": cmp.Compare(x.A, y.A), "f": cmp.Compare(x.F, y.F), "text": cmp.Compare(x.Text, y.Text), "src": slices.Compare(x.Src, y.Src)}[k.Field]
		if k.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	if c := cmp.Compare(x.Seq, y.Seq); sort[len(sort)-1].Desc {
		return -c
	} else {
		return c
	}
}

// A cursor is valid only for the list that returned it: table, filter and order.
func TestCursorOfAnotherList(t *testing.T) {
	db := openDB(t, t.TempDir())
	store(t, db, []item{{Seq: 1, A: 1}, {Seq: 2, A: 2}, {Seq: 3, A: 3}})
	filtered := func(min int64) (w Where) { w.Add("a >= ?", min); return w }
	cursor := page(t, db, List{Keys: order(t), Where: filtered(1), Paging: models.Paging{Limit: 1}}).NextCursor
	for name, tt := range map[string]struct {
		list List
		ok   bool
	}{
		"the same":          {List{Keys: order(t), Where: filtered(1)}, true},
		"another limit":     {List{Keys: order(t), Where: filtered(1), Paging: models.Paging{Limit: 2}}, true},
		"another value":     {List{Keys: order(t), Where: filtered(2)}, false},
		"no filter":         {List{Keys: order(t)}, false},
		"another direction": {List{Keys: order(t, models.SortKey{Field: "a", Desc: true}), Where: filtered(1)}, false},
		"another field":     {List{Keys: order(t, models.SortKey{Field: "f"}), Where: filtered(1)}, false},
		"more fields":       {List{Keys: order(t, models.SortKey{Field: "a"}, models.SortKey{Field: "f"}), Where: filtered(1)}, false},
	} {
		tt.list.Table, tt.list.Cursor = "items", cursor
		_, err := Page(t.Context(), db, tt.list, func(r *item) int64 { return r.Seq })
		var bad *models.QueryError
		if (err == nil) != tt.ok || err != nil && (!errors.As(err, &bad) || bad.Field != "cursor") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Text of a client in place of a cursor never causes an error other than a QueryError.
func FuzzCursor(f *testing.F) {
	db := openDB(f, f.TempDir())
	store(f, db, []item{{Seq: 1, A: 1}, {Seq: 2, A: 2}})
	list := List{Table: "items", Keys: order(f), Paging: models.Paging{Limit: 1}}
	valid, err := Page(context.Background(), db, list, func(r *item) int64 { return r.Seq })
	if err != nil {
		f.Fatal(err)
	}
	print := fingerprint("items", nil, nil, list.Keys)
	f.Add(valid.NextCursor)
	f.Add(valid.NextCursor[:len(valid.NextCursor)-1])
	f.Add("!")
	f.Add(cursor{List: print, Page: 2}.String())
	f.Add(cursor{List: print, Page: 2, Values: []cursorValue{{}, {}}}.String())
	f.Add(cursor{List: print, Page: math.MaxInt, Values: []cursorValue{toCursorValue("x"), toCursorValue(1.5)}}.String())
	f.Add(cursor{List: print, Page: 1, Values: []cursorValue{toCursorValue(int64(1)), toCursorValue(int64(1))}}.String())
	f.Fuzz(func(t *testing.T, text string) {
		l := list
		l.Cursor = text
		_, err := Page(context.Background(), db, l, func(r *item) int64 { return r.Seq })
		var bad *models.QueryError
		if err != nil && (!errors.As(err, &bad) || bad.Field != "cursor") {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func key(a netip.Addr) []byte { b := a.As16(); return b[:] }

// A prefix selects exactly the rows with an endpoint inside it. IPv4 addresses are stored as
// IPv4-mapped IPv6 addresses, and no IPv6 prefix shorter than 96 bits selects them.
func TestPrefixSelectsItsAddresses(t *testing.T) {
	db := openDB(t, t.TempDir())
	address := rapid.Custom(func(t *rapid.T) netip.Addr {
		if rapid.Bool().Draw(t, "v4") {
			return netip.AddrFrom4([4]byte{rapid.SampledFrom([]byte{0, 10, 255}).Draw(t, "0"), rapid.SampledFrom([]byte{0, 128}).Draw(t, "1"), 0, rapid.Byte().Draw(t, "3")})
		}
		b := [16]byte{0: rapid.SampledFrom([]byte{0, 0x20, 0xff}).Draw(t, "0"), 9: rapid.SampledFrom([]byte{0, 1}).Draw(t, "9"), 15: rapid.Byte().Draw(t, "15")}
		return netip.AddrFrom16(b)
	})
	rapid.Check(t, func(t *rapid.T) {
		ends := rapid.SliceOfN(address, 2, 16).Draw(t, "addresses")
		base := rapid.OneOf(rapid.SampledFrom(ends), address).Draw(t, "prefix")
		p := netip.PrefixFrom(base, rapid.IntRange(0, base.BitLen()).Draw(t, "bits"))
		var rows []item
		want := []int64{}
		for i := 0; i+1 < len(ends); i += 2 {
			rows = append(rows, item{Seq: int64(i + 1), A: int64(i), Src: key(ends[i]), Dst: key(ends[i+1])})
			if p.Contains(ends[i]) || p.Contains(ends[i+1]) {
				want = append(want, int64(i+1))
			}
		}
		store(t, db, rows)
		l := List{Keys: order(t)}
		l.Where.Add("a >= ?", 0) // other placeholders before and after
		l.Where.Filter(models.Filter{IP: p, Q: ""})
		l.Where.Add("a < ?", 1000)
		if got := seqs(page(t, db, l).Items); !slices.Equal(got, want) {
			t.Fatalf("%v of %v: rows %v, want %v", p, ends, got, want)
		}
	})
}

// Text is searched literally, in any case of ASCII letters.
func TestTextIsSearchedLiterally(t *testing.T) {
	db := openDB(t, t.TempDir())
	text := rapid.StringOfN(rapid.SampledFrom([]rune(`aAb%_\'"`)), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.StringOfN(rapid.SampledFrom([]rune(`aAb%_\'"`)), 1, 3, -1).Draw(t, "q")
		var rows []item
		want := []int64{}
		for i, s := range rapid.SliceOfN(text, 1, 8).Draw(t, "texts") {
			rows = append(rows, item{Seq: int64(i + 1), A: int64(i), Text: s})
			if strings.Contains(strings.ToLower(s), strings.ToLower(q)) {
				want = append(want, int64(i+1))
			}
		}
		store(t, db, rows)
		l := List{Keys: order(t)}
		l.Where.Filter(models.Filter{Q: q}, "text")
		if got := seqs(page(t, db, l).Items); !slices.Equal(got, want) {
			t.Fatalf("%q: rows %v, want %v", q, got, want)
		}
	})
}

func TestInAndNarrow(t *testing.T) {
	var w Where
	In(&w, "text", []string(nil))
	if w.sql() != "1" {
		t.Errorf("without values: %s", w.sql())
	}
	In(&w, "text", []models.Severity{"x", "'); DROP TABLE items; --"})
	if w.sql() != "text IN (?,?)" || fmt.Sprint(w.args) != "[x '); DROP TABLE items; --]" {
		t.Errorf("%s %v", w.sql(), w.args)
	}
	for prefix, want := range map[string]bool{
		"10.0.0.0/24": true, "10.0.0.0/23": false, "10.0.0.1/32": true, "0.0.0.0/0": false,
		"2001:db8::/64": true, "2001:db8::/63": false, "2001:db8::1/128": true, "::/0": false,
	} {
		if got := Narrow(netip.MustParsePrefix(prefix)); got != want {
			t.Errorf("Narrow(%s) is %v", prefix, got)
		}
	}
	if Narrow(netip.Prefix{}) {
		t.Error("the invalid prefix is narrow")
	}
}
