package store

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/row"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

// broken lists the conventions of GORM that are in force on a model, each with the field.
func broken(model any) (found []string) {
	sch, err := schema.Parse(model, &sync.Map{}, dbfile.ExplicitNames{})
	if err != nil {
		return []string{err.Error()}
	}
	say := func(cond bool, what, field string) {
		if cond {
			found = append(found, what+" "+field)
		}
	}
	say(strings.HasPrefix(sch.Table, "unnamed"), "implicit table name", sch.Name)
	say(len(sch.PrimaryFields) != 1, "no single primary key", sch.Name)
	say(len(sch.FieldsWithDefaultDBValue) > 0, "default values", sch.Name)
	say(len(sch.Relationships.Relations) > 0, "relations", sch.Name)
	say(len(sch.CreateClauses)+len(sch.QueryClauses)+len(sch.UpdateClauses)+len(sch.DeleteClauses) > 0, "clauses by type, as of soft delete", sch.Name)
	say(len(sch.ParseIndexes())+len(sch.ParseCheckConstraints())+len(sch.ParseUniqueConstraints()) > 0, "indexes or constraints, which migrations make", sch.Name)
	say(sch.BeforeCreate || sch.AfterCreate || sch.BeforeUpdate || sch.AfterUpdate || sch.BeforeSave || sch.AfterSave || sch.BeforeDelete || sch.AfterDelete || sch.AfterFind, "hooks", sch.Name)
	for _, f := range sch.Fields {
		_, column := f.TagSettings["COLUMN"]
		_, key := f.TagSettings["PRIMARYKEY"]
		_, embedded := f.TagSettings["EMBEDDED"]
		say(!column || strings.HasPrefix(f.DBName, "unnamed"), "implicit column name", f.Name)
		say(f.PrimaryKey && !key, "implicit primary key", f.Name)
		say(f.AutoIncrement, "automatic id", f.Name)
		say(f.AutoCreateTime != 0, "automatic time of creation", f.Name)
		say(f.AutoUpdateTime != 0, "automatic time of update", f.Name)
		say(f.HasDefaultValue, "default value", f.Name)
		say(slices.Contains([]string{"CreatedAt", "UpdatedAt", "DeletedAt"}, f.Name), "name with a meaning", f.Name)
		say(f.Serializer != nil && f.TagSettings["SERIALIZER"] != "json", "serializer other than json", f.Name)
		say(len(f.BindNames) > 1 && !embedded, "embedded without being tagged so", f.Name)
		say(f.FieldType.Kind() == reflect.Pointer && f.Serializer == nil, "pointer", f.Name)
	}
	return found
}

func TestNoConventionOfGORMIsInForce(t *testing.T) {
	for _, m := range row.Models() {
		if found := broken(m); len(found) > 0 {
			t.Errorf("%T: %s", m, strings.Join(found, "; "))
		}
	}
}

// Each convention is found where it is in force, so that the test above can fail.
func TestConventionsAreFound(t *testing.T) {
	type soft struct {
		ID        int64          `gorm:"column:id"`
		DeletedAt gorm.DeletedAt `gorm:"column:deleted_at;index"`
		CreatedAt int64          `gorm:"column:created_at;default:7"`
		UpdatedAt int64          `gorm:"column:updated_at"`
		Some      *int64         `gorm:"column:some"`
		At        int64          `gorm:"column:at;serializer:unixtime"`
		Plain     string
		models.ModelRef
		Row   row.Triage `gorm:"foreignKey:AlertSeq"`
		Check string     `gorm:"column:c;check:c <> ''"`
	}
	got := strings.Join(broken(&soft{}), "\n")
	for _, want := range []string{
		"implicit table name soft", "default values soft", "relations soft", "clauses by type", "indexes or constraints",
		"implicit column name Plain", "implicit primary key ID", "automatic id ID", "automatic time of creation CreatedAt", "automatic time of update UpdatedAt",
		"default value CreatedAt", "name with a meaning DeletedAt", "serializer other than json At", "embedded without being tagged so Version", "pointer Some",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not found; found:\n%s", want, got)
		}
	}
	if got := strings.Join(broken(&hooked{}), "\n"); !strings.Contains(got, "hooks") {
		t.Errorf("hooks are not found: %s", got)
	}
}

type hooked struct {
	Seq int64 `gorm:"column:seq;primaryKey;autoIncrement:false"`
}

func (*hooked) BeforeUpdate(*gorm.DB) error { return nil }

// numbers are the integer columns that hold no time; every other one must be a Timestamp.
var numbers = []string{"seq", "id", "alert_seq", "severity_rank", "phase_rank"}

var (
	timeName = regexp.MustCompile(`(^|_)(ts|at|time|date|since|until|from|to|when|expires|expiry)$`)
	timeType = reflect.TypeFor[models.Timestamp]()
)

// otherTimes are the fields of a model that hold a time, or may, in another type.
func otherTimes(t *testing.T, model any) (found []string) {
	t.Helper()
	sch, err := schema.Parse(model, &sync.Map{}, dbfile.ExplicitNames{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sch.Fields {
		signed := f.FieldType.Kind() == reflect.Int64 || f.FieldType.Kind() == reflect.Int
		library := f.FieldType == reflect.TypeFor[time.Time]() || f.DataType == schema.Time || f.FieldType.PkgPath() == "database/sql" || f.FieldType.PkgPath() == "gorm.io/gorm"
		if f.FieldType != timeType && (timeName.MatchString(f.DBName) || library || signed && !slices.Contains(numbers, f.DBName)) {
			found = append(found, f.DBName)
		}
	}
	return found
}

// Every column that holds a time is of the one type, in the models and in the file.
func TestTimesHaveOneType(t *testing.T) {
	s := openStore(t, testConfig(t))
	var tables, modeled []string
	if err := s.db.Read.Raw("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'ledger'").Scan(&tables).Error; err != nil { // the ledger is one JSON text
		t.Fatal(err)
	}
	for _, m := range row.Models() {
		if found := otherTimes(t, m); len(found) > 0 {
			t.Errorf("%T: %v hold times, or may, and are no models.Timestamp", m, found)
		}
		sch, err := schema.Parse(m, &sync.Map{}, dbfile.ExplicitNames{})
		if err != nil {
			t.Fatal(err)
		}
		modeled = append(modeled, sch.Table)
		var columns []struct {
			Name string `gorm:"column:name"`
			Type string `gorm:"column:type"`
		}
		if err := s.db.Read.Raw("SELECT name, type FROM pragma_table_info(?)", sch.Table).Scan(&columns).Error; err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			f := sch.FieldsByDBName[c.Name]
			if f == nil {
				t.Errorf("%s.%s is in the file and not in %T", sch.Table, c.Name, m)
			} else if f.FieldType == timeType && c.Type != "INTEGER" {
				t.Errorf("%s.%s is a %s", sch.Table, c.Name, c.Type)
			}
		}
	}
	slices.Sort(tables)
	slices.Sort(modeled)
	if !slices.Equal(tables, modeled) {
		t.Errorf("tables %v, models of %v", tables, modeled)
	}
	type other struct {
		A int64          `gorm:"column:closed_at"`
		B time.Time      `gorm:"column:b"`
		C int64          `gorm:"column:anything"`
		D gorm.DeletedAt `gorm:"column:d"`
		E string         `gorm:"column:first_ts"`
	}
	if found := otherTimes(t, &other{}); !slices.Equal(found, []string{"closed_at", "b", "anything", "d", "first_ts"}) {
		t.Errorf("found only %v", found)
	}
}

// GORM writes no struct, by whichever call.
func TestGORMWritesNothing(t *testing.T) {
	s := openStore(t, testConfig(t))
	saveAlerts(t, s, storetest.Alert(1))
	before, err := s.Alert(t.Context(), storetest.Alert(1).ID)
	if err != nil {
		t.Fatal(err)
	}
	one := row.Alert{Seq: 1}
	for name, write := range map[string]func() error{
		"Create":        func() error { return s.db.Write.Create(&row.Triage{AlertSeq: 1}).Error },
		"Save":          func() error { return s.db.Write.Save(&one).Error },
		"Updates":       func() error { return s.db.Write.Model(&one).Updates(map[string]any{"state": "ack"}).Error },
		"Update":        func() error { return s.db.Write.Model(&one).Update("note", "x").Error },
		"UpdateColumns": func() error { return s.db.Write.Model(&one).UpdateColumns(row.Alert{SeverityRank: 3}).Error },
		"Delete":        func() error { return s.db.Write.Delete(&one).Error },
		"FirstOrCreate": func() error { return s.db.Write.Where("id = ?", "none").FirstOrCreate(&row.Alert{}).Error },
	} {
		if err := write(); !errors.Is(err, dbfile.ErrStructWrite) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after, err := s.Alert(t.Context(), storetest.Alert(1).ID); err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("changed: %+v, %v", after, err)
	}
	for name, cfg := range map[string]*gorm.Config{"write": s.db.Write.Config, "read": s.db.Read.Config} {
		if !cfg.SkipDefaultTransaction || cfg.AllowGlobalUpdate || cfg.FullSaveAssociations || cfg.PropagateUnscoped || cfg.DryRun || len(cfg.Plugins) > 0 || cfg.DefaultContextTimeout != 0 || cfg.DefaultTransactionTimeout != 0 {
			t.Errorf("%s: %+v", name, cfg)
		}
	}
}
