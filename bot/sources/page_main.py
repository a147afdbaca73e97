"""Where on a page its article stands: by the names that pages give it, else by where the paragraphs are densest."""

from selectolax.lexbor import LexborNode

from bot.sources.page_writer import PHRASING

PARAGRAPH_BYTES = 80
"""Text shorter than this is as likely a menu or a headline as a paragraph; counted in UTF-8, see `page`."""

_BODIES = "[itemprop=articleBody], [itemprop='text articleBody']"
_ARTICLES = (
    "article, .article, #article, .entry-content, .post-content, .article-content, .article-body, .article__body, "
    ".article_body, .article-text, .articleBody, .post-body, .story-body, .news-content, #article-content"
)
_MAINS = "main, [role=main]"
_CONTAINERS = frozenset(["div", "section", "main", "article", "table", "tbody", "tr", "td", "center", "form", "span"])
_MOST = 0.7
_NEARLY_ALL = 0.8

Weights = dict[int, int]


def find_main(body: LexborNode) -> LexborNode:
    """The smallest part that holds the article. Whole when in doubt: a leftover menu costs less than a lost section."""
    weights = weigh(body, PARAGRAPH_BYTES)
    if not weights.get(body.mem_id):
        weights = weigh(body, 1)
    total = weights.get(body.mem_id, 0)
    if (part := _heaviest(body, _BODIES, weights)) and weights[part.mem_id] > 0.3 * total:
        return part
    if (part := _heaviest(body, _ARTICLES, weights)) and weights[part.mem_id] > 0.5 * total:
        return part
    if (part := _heaviest(body, _MAINS, weights)) and weights[part.mem_id] > 0.5 * total:
        return _descend(part, weights)
    return _descend(body, weights)


def _heaviest(body: LexborNode, selector: str, weights: Weights) -> LexborNode | None:
    """The part of that name with the most text; of nested ones, the inner one when it holds most of it."""
    nodes = [node for node in body.css(selector) if weights.get(node.mem_id)]
    best = max(nodes, key=lambda node: weights[node.mem_id], default=None)
    if best is None:
        return None
    inside = [node for node in best.css(selector) if node.mem_id != best.mem_id]
    inner = max(inside, key=lambda node: weights.get(node.mem_id, 0), default=None)
    return inner if inner and weights.get(inner.mem_id, 0) > _MOST * weights[best.mem_id] else best


def weigh(body: LexborNode, least: int) -> Weights:
    """How much text of paragraphs each element holds, links not counted, its descendants' included."""
    blocks: dict[int, LexborNode] = {}
    lengths: Weights = {}
    for node in body.traverse(include_text=True):
        if node.tag != "-text" or not (text := (node.text_content or "").strip()):
            continue
        block, linked = node.parent, False
        while block is not None and block.tag in PHRASING:
            linked = linked or block.tag == "a"
            block = block.parent
        if block is not None and not linked:
            blocks.setdefault(block.mem_id, block)
            lengths[block.mem_id] = lengths.get(block.mem_id, 0) + len(text.encode("utf-8", "replace"))
    weights: Weights = {}
    for key, block in blocks.items():
        if lengths[key] < least:
            continue
        above: LexborNode | None = block
        while above is not None:
            weights[above.mem_id] = weights.get(above.mem_id, 0) + lengths[key]
            above = above.parent
    return weights


def _descend(node: LexborNode, weights: Weights) -> LexborNode:
    while True:
        total = weights.get(node.mem_id, 0)
        child, heavy = node.child, None
        while child is not None:
            if child.tag in _CONTAINERS and weights.get(child.mem_id, 0) > _NEARLY_ALL * total:
                heavy = child
            child = child.next
        if heavy is None:
            return node
        node = heavy
