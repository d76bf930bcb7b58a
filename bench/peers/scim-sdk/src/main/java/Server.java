// SPDX-License-Identifier: Apache-2.0

import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.etag.ETag;
import de.captaingoldfish.scim.sdk.common.exceptions.ResourceNotFoundException;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.ResourceNode;
import de.captaingoldfish.scim.sdk.common.resources.ServiceProvider;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.complex.ETagConfig;
import de.captaingoldfish.scim.sdk.common.resources.complex.FilterConfig;
import de.captaingoldfish.scim.sdk.common.resources.complex.Meta;
import de.captaingoldfish.scim.sdk.common.resources.complex.PatchConfig;
import de.captaingoldfish.scim.sdk.common.schemas.SchemaAttribute;
import de.captaingoldfish.scim.sdk.common.utils.JsonHelper;
import de.captaingoldfish.scim.sdk.server.endpoints.Context;
import de.captaingoldfish.scim.sdk.server.endpoints.ResourceEndpoint;
import de.captaingoldfish.scim.sdk.server.endpoints.ResourceHandler;
import de.captaingoldfish.scim.sdk.server.endpoints.base.GroupEndpointDefinition;
import de.captaingoldfish.scim.sdk.server.endpoints.base.UserEndpointDefinition;
import de.captaingoldfish.scim.sdk.server.filter.FilterNode;
import de.captaingoldfish.scim.sdk.server.filter.resources.FilterResourceResolver;
import de.captaingoldfish.scim.sdk.server.response.PartialListResponse;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Server PORT: SCIM-SDK on Undertow, with resources in a map, as the handlers
 * of its samples have them. Versions are set here and looked at by the SDK;
 * filters are its own, over all that the map has. What it stores is of the
 * class that stands behind the name, hence a subclass for each.
 */
final class Server {
  private Server() {
  }

  static class Kept<T extends ResourceNode> extends ResourceHandler<T> {
    private final Map<String, T> kept = Collections.synchronizedMap(new LinkedHashMap<>());
    private final AtomicLong version = new AtomicLong();

    private T written(T resource, String id, Instant created) {
      Instant now = Instant.now();
      resource.setId(id);
      resource.remove("meta");
      resource.setMeta(Meta.builder().created(created == null ? now : created).lastModified(now)
          .version(ETag.builder().weak(true).tag(Long.toString(version.incrementAndGet())).build())
          .build());
      kept.put(id, copy(resource));
      return resource;
    }

    /** All of it, since what is given away is changed by who gets it. */
    private T copy(T resource) {
      return JsonHelper.readJsonDocument(resource.toString(), getType());
    }

    @Override
    public T createResource(T resource, Context context) {
      return written(resource, UUID.randomUUID().toString(), null);
    }

    @Override
    public T getResource(String id, List<SchemaAttribute> attributes, List<SchemaAttribute> excluded,
        Context context) {
      T resource = kept.get(id);
      return resource == null ? null : copy(resource);
    }

    @Override
    public PartialListResponse<T> listResources(long startIndex, int count, FilterNode filter,
        SchemaAttribute sortBy, SortOrder sortOrder, List<SchemaAttribute> attributes,
        List<SchemaAttribute> excluded, Context context) {
      List<T> all;
      synchronized (kept) {
        all = new ArrayList<>(kept.values());
      }
      if (filter != null) {
        all = FilterResourceResolver.filterResources(getServiceProvider(), all, filter);
      }
      int from = (int) Math.min(all.size(), startIndex - 1);
      int to = Math.min(all.size(), from + count);
      List<T> page = new ArrayList<>();
      for (T resource : all.subList(from, to)) {
        page.add(copy(resource));
      }
      return PartialListResponse.<T>builder().resources(page).totalResults(all.size()).build();
    }

    @Override
    public T updateResource(T resource, Context context) {
      String id = resource.getId().orElseThrow();
      T old = kept.get(id);
      if (old == null) {
        throw new ResourceNotFoundException(id);
      }
      return written(resource, id, old.getMeta().flatMap(Meta::getCreated).orElse(null));
    }

    @Override
    public void deleteResource(String id, Context context) {
      if (kept.remove(id) == null) {
        throw new ResourceNotFoundException(id);
      }
    }
  }

  private static ResourceEndpoint makeEndpoint() {
    ServiceProvider provider = ServiceProvider.builder()
        .eTagConfig(ETagConfig.builder().supported(true).build())
        .filterConfig(FilterConfig.builder().supported(true).maxResults(100).build())
        .patchConfig(PatchConfig.builder().supported(true).build())
        .build();
    ResourceEndpoint endpoint = new ResourceEndpoint(provider);
    endpoint.registerEndpoint(new UserEndpointDefinition(new Kept<User>() { }));
    endpoint.registerEndpoint(new GroupEndpointDefinition(new Kept<Group>() { }));
    return endpoint;
  }

  private static void answer(ResourceEndpoint endpoint, HttpServerExchange exchange) throws Exception {
    if (exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION) == null) {
      exchange.setStatusCode(401);
      return;
    }
    String body = new String(exchange.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> headers = new HashMap<>();
    exchange.getRequestHeaders().forEach(h -> headers.put(h.getHeaderName().toString(), h.getFirst()));
    String query = exchange.getQueryString();
    String url = exchange.getRequestURL() + (query.isEmpty() ? "" : "?" + query);
    var response = endpoint.handleRequest(url, HttpMethod.valueOf(exchange.getRequestMethod().toString()),
        body.isEmpty() ? null : body, headers, new Context(null));
    exchange.setStatusCode(response.getHttpStatus());
    response.getHttpHeaders()
        .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
    if (response.getHttpStatus() == 204) {
      return;
    }
    exchange.getOutputStream().write(response.toString().getBytes(StandardCharsets.UTF_8));
  }

  public static void main(String[] args) {
    ResourceEndpoint endpoint = makeEndpoint();
    Undertow.builder()
        .addHttpListener(Integer.parseInt(args[0]), "127.0.0.1")
        .setHandler(new BlockingHandler(exchange -> answer(endpoint, exchange)))
        .build()
        .start();
  }
}
