// SPDX-License-Identifier: Apache-2.0

// main PORT: elimity-com/scim on net/http, with resources in memory.
//
// The package parses, validates and renders; what is stored, what a PATCH
// does and what a filter is held against is the handler's, as in its own
// example.  It does not look at If-Match, nor does this handler: a version is
// shown, and no more.
package main

import (
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

type record struct {
	id         string
	attributes scim.ResourceAttributes // never changed, only replaced
	created    time.Time
	modified   time.Time
	version    int
}

type store struct {
	lock    sync.RWMutex // guards what follows
	records map[string]*record
	order   []*record
}

func newID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err)
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func copyOf(a scim.ResourceAttributes) scim.ResourceAttributes {
	c := make(scim.ResourceAttributes, len(a)+3)
	for k, v := range a {
		c[k] = v
	}
	return c
}

// The package adds id and meta to the map it is given.
func (r *record) resource() scim.Resource {
	created, modified := r.created, r.modified
	external := optional.String{}
	if id, ok := r.attributes["externalId"].(string); ok {
		external = optional.NewString(id)
	}
	return scim.Resource{
		ID:         r.id,
		ExternalID: external,
		Attributes: copyOf(r.attributes),
		Meta: scim.Meta{
			Created:      &created,
			LastModified: &modified,
			Version:      fmt.Sprintf(`W/"%d"`, r.version),
		},
	}
}

func (s *store) Create(_ *http.Request, a scim.ResourceAttributes) (scim.Resource, error) {
	now := time.Now()
	r := &record{newID(), a, now, now, 1}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.records[r.id] = r
	s.order = append(s.order, r)
	return r.resource(), nil
}

func (s *store) Get(_ *http.Request, id string) (scim.Resource, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	r, ok := s.records[id]
	if !ok {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	return r.resource(), nil
}

func (s *store) GetAll(_ *http.Request, params scim.ListRequestParams) (scim.Page, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	page := scim.Page{Resources: []scim.Resource{}}
	for _, r := range s.order {
		if params.FilterValidator != nil &&
			params.FilterValidator.PassesFilter(r.attributes) != nil {
			continue
		}
		page.TotalResults++
		if page.TotalResults >= params.StartIndex &&
			len(page.Resources) < params.Count {
			page.Resources = append(page.Resources, r.resource())
		}
	}
	return page, nil
}

func (s *store) change(id string, how func(scim.ResourceAttributes) scim.ResourceAttributes) (scim.Resource, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	r, ok := s.records[id]
	if !ok {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	r.attributes = how(r.attributes)
	r.modified = time.Now()
	r.version++
	return r.resource(), nil
}

func (s *store) Replace(_ *http.Request, id string, a scim.ResourceAttributes) (scim.Resource, error) {
	return s.change(id, func(scim.ResourceAttributes) scim.ResourceAttributes {
		return a
	})
}

func apply(a scim.ResourceAttributes, op scim.PatchOperation) {
	if op.Path == nil {
		if values, ok := op.Value.(map[string]interface{}); ok {
			for k, v := range values {
				a[k] = v
			}
		}
		return
	}
	path := op.Path.String()
	more, isList := op.Value.([]interface{})
	switch {
	case op.Op == scim.PatchOperationRemove:
		delete(a, path)
	case op.Op == scim.PatchOperationAdd && isList:
		old, _ := a[path].([]interface{})
		a[path] = append(old[:len(old):len(old)], more...)
	default:
		a[path] = op.Value
	}
}

func (s *store) Patch(_ *http.Request, id string, ops []scim.PatchOperation) (scim.Resource, error) {
	return s.change(id, func(old scim.ResourceAttributes) scim.ResourceAttributes {
		a := copyOf(old)
		for _, op := range ops {
			apply(a, op)
		}
		return a
	})
}

func (s *store) Delete(_ *http.Request, id string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	r, ok := s.records[id]
	if !ok {
		return errors.ScimErrorResourceNotFound(id)
	}
	delete(s.records, id)
	for i, other := range s.order {
		if other == r {
			s.order = append(s.order[:i], s.order[i+1:]...)
			break
		}
	}
	return nil
}

func main() {
	server, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{
			SupportFiltering: true,
			SupportPatch:     true,
		},
		ResourceTypes: []scim.ResourceType{
			{
				Name:     "User",
				Endpoint: "/Users",
				Schema:   schema.CoreUserSchema(),
				Handler:  &store{records: map[string]*record{}},
			},
			{
				Name:     "Group",
				Endpoint: "/Groups",
				Schema:   schema.CoreGroupSchema(),
				Handler:  &store{records: map[string]*record{}},
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		server.ServeHTTP(w, r)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1],
		http.StripPrefix("/scim", guarded)))
}
