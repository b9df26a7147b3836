// Which post owns a step: the post of its lane. Choosing another moves the step, maps the lane, or draws a lane.
import { Combobox } from "./combobox.js";
import { facts, isHuman, isOf, processOf } from "./pen.js";
import { element, say } from "./words.js";

// Post and lane change together with the drawing and can be undone with it.
class Mapping {
  constructor(commandStack, eventBus) {
    this.posts = new Map();
    this.bus = eventBus;
    commandStack.register("officium.map", {
      execute: (context) => {
        context.before = this.posts.get(context.owner) ?? null;
        this.put(context.owner, context.post);
        return [];
      },
      revert: (context) => {
        this.put(context.owner, context.before);
        return [];
      },
    });
    this.stack = commandStack;
  }

  put(owner, post) {
    if (post == null) this.posts.delete(owner);
    else this.posts.set(owner, post);
    this.bus.fire("officium.mapped", { owner });
  }

  map(owner, post) {
    this.stack.execute("officium.map", { owner, post });
  }
}

export class Owners {
  constructor(pen, modeler, posts, field, editable) {
    this.pen = pen;
    this.modeler = modeler;
    this.posts = new Map(posts.map((one) => [one.id, one]));
    this.mapping = editable ? new Mapping(modeler.get("commandStack"), modeler.get("eventBus")) : { posts: new Map() };
    this.field = field;
    this.now = field.querySelector("[data-owner-now]");
    this.offer = field.querySelector("[data-owner-offer]");
    this.combo = new Combobox(field.querySelector("[role=combobox]"), field.querySelector("[role=listbox]"), {
      none: say("no_post"),
      chosen: (value) => this.chosen(Number(value)),
      options: posts.map((one) => ({
        value: one.id,
        words: `${one.name}, ${one.department}`,
        short: one.name,
        group: one.department,
        note: one.holders ? say("held_by", { number: one.holders }) : say("held_by_nobody"),
        warn: !one.holders,
        find: `${one.name} ${one.also} ${one.department}`.toLowerCase(),
      })),
    });
  }

  // The lane of a step: the deepest that names it, or that of what it stands in or on.
  laneOf(shape) {
    let at = shape;
    while (at) {
      const lanes = facts(at).lanes?.length ? facts(at).lanes : this.lanes().filter((one) => facts(one).flowNodeRef?.includes(facts(at))).map(facts);
      const deepest = lanes.find((one) => !one.childLaneSet?.lanes?.length) ?? lanes[0];
      if (deepest) return this.pen.registry.get(deepest.id);
      at = at.host ?? at.parent;
      if (at && isOf(at, "bpmn:Participant", "bpmn:Process", "bpmn:Collaboration")) return null;
    }
    return null;
  }

  lanes() {
    return this.pen.registry.filter((one) => isOf(one, "bpmn:Lane") && !facts(one).childLaneSet?.lanes?.length);
  }

  keyOf(shape) {
    if (isOf(shape, "bpmn:Lane")) return `lane:${shape.id}`;
    const lane = isHuman(shape) || isOf(shape, "bpmn:FlowNode") ? this.laneOf(shape) : null;
    if (lane) return `lane:${lane.id}`;
    const process = processOf(shape);
    return process ? `process:${process.id}` : null;
  }

  postOf(shape) {
    const id = this.mapping.posts.get(this.keyOf(shape));
    return id == null ? null : this.posts.get(id);
  }

  laneName(lane) {
    return this.pen.name(lane) || say("nameless_lane");
  }

  stepsIn(lane) {
    return this.pen.steps().filter((one) => isHuman(one) && this.laneOf(one) === lane);
  }

  // While somebody types in the field or is asked which way, only what has really changed disturbs them.
  show(shape, anew = false) {
    const lane = isOf(shape, "bpmn:Lane") ? shape : this.laneOf(shape);
    const post = this.postOf(shape);
    const shown = [shape.id, lane?.id, lane && this.pen.name(lane), post?.id].join("\n");
    if (!anew && shape === this.shape && shown === this.shown) return;
    this.shape = shape;
    this.shown = shown;
    this.combo.show(post?.id ?? null);
    this.offer.replaceChildren();
    this.offer.hidden = true;
    this.now.replaceChildren();
    if (lane && lane !== shape) this.now.append(say(post ? "lane_is" : "lane_without", { lane: this.laneName(lane) }));
    else if (!post) this.now.append(say(lane ? "this_lane_without" : "process_without"));
    this.now.classList.toggle("o-soon", !post);
    if (post && !post.holders) this.now.append(" ", element("span", { class: "o-soon" }, say("held_by_nobody_now")));
  }

  chosen(id) {
    const shape = this.shape;
    const post = this.posts.get(id);
    const key = this.keyOf(shape);
    const present = this.mapping.posts.get(key);
    if (!shape || !key || present === id) return;
    const lane = isOf(shape, "bpmn:Lane") ? null : this.laneOf(shape);
    // A lane itself, a process without lanes, or a lane nobody has yet: there is nothing to ask.
    if (!lane || present == null) {
      const theirs = lane ? this.lanes().filter((one) => one !== lane && this.mapping.posts.get(`lane:${one.id}`) === id) : [];
      if (!theirs.length) {
        this.mapping.map(key, id);
        return this.show(shape, true);
      }
    }
    this.offerWays(shape, lane, post);
  }

  offerWays(shape, lane, post) {
    const theirs = this.lanes().filter((one) => one !== lane && this.mapping.posts.get(`lane:${one.id}`) === post.id);
    const ways = theirs.map((one) => [say("move_into", { lane: this.laneName(one) }), () => this.moveInto(shape, one)]);
    if (!theirs.length) ways.push([say("new_lane", { post: post.name }), () => this.newLane(shape, lane, post)]);
    const others = this.stepsIn(lane).filter((one) => one !== shape).length;
    ways.push([
      others ? say("map_lane_with", { lane: this.laneName(lane), post: post.name, number: others }) : say("map_lane", { lane: this.laneName(lane), post: post.name }),
      () => this.mapping.map(`lane:${lane.id}`, post.id),
    ]);
    this.combo.show(post.id);
    this.offer.replaceChildren(element("p", {}, say("which_way", { step: this.pen.name(shape) || say("nameless"), post: post.name })));
    ways.forEach(([words, act], number) => {
      const button = element("button", { type: "button", class: number ? "o-btn o-btn-s" : "o-btn o-btn-s o-btn-go" }, words);
      button.addEventListener("click", () => {
        act();
        this.show(shape, true);
        this.combo.input.focus();
      });
      this.offer.append(button);
    });
    const not = element("button", { type: "button", class: "o-btn o-btn-s" }, say("leave_it"));
    not.addEventListener("click", () => {
      this.show(shape, true);
      this.combo.input.focus();
    });
    this.offer.append(not);
    this.offer.hidden = false;
    this.offer.querySelector("button").focus();
  }

  moveInto(shape, lane) {
    const middle = lane.y + lane.height / 2 - (shape.y + shape.height / 2);
    let aside = 0;
    const inTheWay = (x) => this.pen.steps().some((one) => one !== shape && one.host !== shape && overlaps(one, { x, y: shape.y + middle, width: shape.width, height: shape.height }));
    while (inTheWay(shape.x + aside) && aside < 2000) aside += 20;
    this.pen.modeling.moveElements([shape], { x: aside, y: middle }, shape.parent);
  }

  newLane(shape, lane, post) {
    const before = new Set(this.lanes());
    this.pen.modeling.addLane(lane, "bottom");
    const made = this.lanes().find((one) => !before.has(one));
    if (!made) return;
    this.pen.modeling.updateProperties(made, { name: post.also && post.also !== post.name ? `${post.name} ${post.also}` : post.name });
    this.mapping.map(`lane:${made.id}`, post.id);
    this.moveInto(shape, made);
  }
}

const overlaps = (one, other) => one.x < other.x + other.width + 10 && other.x < one.x + one.width + 10 && one.y < other.y + other.height + 5 && other.y < one.y + one.height + 5;
